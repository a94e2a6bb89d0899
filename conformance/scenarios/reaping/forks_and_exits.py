"""A daemon that forks and exits is dead, although the process that it forked holds its output open."""

from conformance.container import expect
from conformance.job import Policy
from conformance.supervisor import Claim

WHY = "Programs put themselves into the background; a supervisor that waits for the end of their output waits for ever."
BITTEN = ("canonical/pebble#149", "golang/go#23019")
NEEDS = (Claim.TEARDOWN, Claim.EXIT_CODE)


def check(test):
    job = test.job(policy=Policy.TEARDOWN, grace=1)
    forked = job.program("forked", "event waits\nexec sleep 86399")
    job.daemon("web", f"setsid {forked} &\nwhile ! grep -q 'forked waits' {job.events}; do sleep 0.01; done\nexit 4")
    with test.start(job) as container:
        code = container.await_exit()
        expect(code == 4, f"exit code {code} instead of 4")
