"""A daemon of another user is in no group of root's."""

import grp
import os
import pwd

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A left-over membership opens files and devices that the user shall not reach."
BITTEN = ()
NEEDS = (Claim.USER,)


def check(test):
    job = test.job()
    job.daemon("web", IDLE, user="nobody")
    allowed = set(os.getgrouplist("nobody", pwd.getpwnam("nobody").pw_gid))
    given = [group for name in ("root", "disk", "shadow") if (group := grp.getgrnam(name).gr_gid) not in allowed]
    with test.start(job, setup=f'set -- setpriv --groups {",".join(map(str, given))} "$@"') as container:
        container.await_starts()
        groups = set(map(int, processes.status(container.live_pid("web"), "Groups").split()))
        expect(groups <= allowed, f"groups {sorted(groups)}, of which {sorted(allowed)} are the user's")
