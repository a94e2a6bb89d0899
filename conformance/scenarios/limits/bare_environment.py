"""Without HOME and with a short PATH, a daemon starts and a stop works."""

from conformance.job import IDLE

WHY = "An image from scratch, or a user without an entry in /etc/passwd, has no more."
BITTEN = ()
NEEDS = ()


def check(test):
    job = test.job()
    job.daemon("web", IDLE)
    with test.start(job, setup="unset HOME PWD OLDPWD\nexport PATH=/usr/bin:/bin") as container:
        container.await_starts()
        container.terminate()
        container.await_exit(within=job.grace + 15)
