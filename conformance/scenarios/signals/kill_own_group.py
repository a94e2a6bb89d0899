"""A daemon that signals its whole process group (`kill 0`) hits nobody but itself."""

import time

from conformance.container import expect
from conformance.job import until_term
from conformance.supervisor import Claim

WHY = "Shell scripts end their helpers so; in a common group, one daemon ends all others, or their supervisor."
BITTEN = ()
NEEDS = (Claim.SEVERAL,)


def check(test):
    job = test.job()
    release = job.directory / "release"
    kill = "trap '' TERM; kill -TERM 0; event killed; exit 0"
    job.daemon("rash", f"mkfifo {release}\nevent waits\nread line <{release}\n{kill}")
    job.daemon("other", until_term("event term; exit 0"))
    with test.start(job) as container:
        container.await_event("rash waits")
        container.await_event("other waits")
        release.write_text("\n")
        container.await_event("rash killed")
        time.sleep(0.5)
        expect(container.running() and not container.events("other term"), "it has hit another process")
        container.terminate()
        container.await_exit()
        expect(len(container.events("other term")) > 0, "the other daemon got no TERM at the end")
