"""A daemon whose program is missing or can't be executed keeps no other from running."""

import time

from conformance.container import expect
from conformance.job import IDLE, Daemon
from conformance.supervisor import Claim

WHY = "One wrong path, a lost mode or a download that broke off must not take down what is right."
BITTEN = ()
NEEDS = (Claim.SEVERAL,)

SECONDS = 1
DAMAGES = {
    "is missing": lambda program: program.unlink(),
    "is not executable": lambda program: program.chmod(0o644),
    "has no interpreter": lambda program: program.write_text("#!/missing/interpreter\n"),
    "is damaged": lambda program: program.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(57)),
}


def check(test):
    for how, damage in DAMAGES.items():
        job = test.job()
        job.daemon("before", IDLE)
        program = job.program("broken", IDLE)
        damage(program)
        job.daemons.append(Daemon("broken", program))
        job.daemon("after", IDLE)
        with test.start(job) as container:
            for name in ("before", "after"):
                container.await_that(lambda n=name: container.events(f"{n} started"), f"start of {name}: broken {how}")
            time.sleep(SECONDS)
            for name in ("before", "after"):
                expect(container.is_alive(name), f"{name} does not run any more: broken {how}")
