"""A daemon of another user that was started again has that user's uid."""

import pwd

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "A restart as root would be noticed by nobody."
BITTEN = ()
NEEDS = (Claim.RESTART, Claim.USER)


def check(test):
    job = test.job(policy=Policy.RESTART)
    job.daemon("web", IDLE, user="nobody")
    with test.start(job) as container:
        container.await_starts()
        container.kill("web")
        container.await_starts(2)
        uids = processes.status(container.live_pid("web"), "Uid").split()
        expect(uids == [str(pwd.getpwnam("nobody").pw_uid)] * 4, f"Uid {' '.join(uids)}")
