"""A daemon runs as another user although PID 1 was started with no-new-privileges."""

import pwd

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "The option is a recommendation for every container; what changes the user by a set-uid program fails with it."
BITTEN = ("just-containers/s6-overlay#552",)
NEEDS = (Claim.USER,)


def check(test):
    job = test.job()
    job.daemon("web", IDLE, user="nobody")
    with test.start(job, setup='set -- setpriv --no-new-privs "$@"') as container:
        container.await_starts()
        pid = container.live_pid("web")
        uids = processes.status(pid, "Uid").split()
        expect(uids == [str(pwd.getpwnam("nobody").pw_uid)] * 4, f"Uid {' '.join(uids)}")
        expect(processes.status(pid, "NoNewPrivs") == "1", "the daemon may gain privileges again")
