"""A daemon with a user of its own leaves the others with theirs."""

import pwd

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A change of user that the supervisor makes in itself, instead of in the new process, spreads."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.USER)

USERS = {"a": "nobody", "b": "", "c": "daemon", "d": ""}


def check(test):
    job = test.job()
    for name, user in USERS.items():
        job.daemon(name, IDLE, user=user)
    with test.start(job) as container:
        container.await_starts()
        for name, user in USERS.items():
            uid = int(processes.status(container.live_pid(name), "Uid").split()[0])
            expect(
                uid == pwd.getpwnam(user or "root").pw_uid, f"{name} has uid {uid} instead of that of {user or 'root'}"
            )
