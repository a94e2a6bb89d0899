"""A daemon of another user has that user's uid and group, and no capabilities."""

import pwd

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "Root in a container is root for the kernel; what is exposed to others must not be."
BITTEN = ()
NEEDS = (Claim.USER,)


def check(test):
    job = test.job()
    job.daemon("web", IDLE, user="nobody")
    with test.start(job) as container:
        container.await_starts()
        pid = container.live_pid("web")
        nobody = pwd.getpwnam("nobody")
        for key, wanted in (("Uid", nobody.pw_uid), ("Gid", nobody.pw_gid)):
            actual = processes.status(pid, key).split()
            expect(actual == [str(wanted)] * 4, f"{key} {' '.join(actual)} instead of {wanted}")
        for key in ("CapPrm", "CapEff", "CapAmb"):
            expect(int(processes.status(pid, key), 16) == 0, f"{key} {processes.status(pid, key)}")
