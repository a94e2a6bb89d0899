"""As a user without a name, a daemon starts and a stop works."""

from conformance.job import IDLE

WHY = "OpenShift and others give each container a number that is in no /etc/passwd."
BITTEN = ("streamnative/pulsar-manager#218", "just-containers/s6-overlay#19")
NEEDS = ()

NUMBER = 1_234_567


def check(test):
    job = test.job()
    job.daemon("web", IDLE)
    # an engine gives the user the pipe of the output, too
    setup = f"chown -R {NUMBER} {job.directory}\nchown {NUMBER} /proc/self/fd/1\nexport HOME=/"
    with test.start(job, setup=setup, user=NUMBER) as container:
        container.await_starts()
        container.terminate()
        container.await_exit(within=job.grace + 15)
