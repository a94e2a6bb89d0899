"""Below an init of the engine, a stop works, and the exit code is passed on."""

from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "`docker run --init`, platforms, and pods that share their PID namespace have a PID 1 of their own."
BITTEN = ("just-containers/s6-overlay#383", "krallin/tini#204")
NEEDS = (Claim.TEARDOWN, Claim.EXIT_CODE)


def check(test):
    stopped = test.job()
    stopped.daemon("web", IDLE)
    with test.start(stopped, as_pid_1=False) as container:
        container.await_starts()
        container.terminate()
        container.await_exit(within=stopped.grace + 15)
    died = test.job(policy=Policy.TEARDOWN)
    died.daemon("web", "exit 7")
    with test.start(died, as_pid_1=False) as container:
        code = container.await_exit()
        expect(code == 7, f"exit code {code} instead of 7")
