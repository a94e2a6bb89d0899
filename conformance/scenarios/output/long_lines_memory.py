"""30 daemons with an unfinished line of 4 MB each take little memory."""

import time

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "Daemons that write no newline must not take the memory of all the others; nor must they be stopped."
BITTEN = ("F1bonacc1/process-compose#57",)
NEEDS = (Claim.SEVERAL, Claim.LABELS)
ALONE = True

DAEMONS, SIZE, BOUND = 30, 4_000_000, 96 * 1024


def check(test):
    job = test.job(labels=True)
    gate = job.directory / "gate"
    for number in range(DAEMONS):
        commands = f"until [ -e {gate} ]; do sleep 0.1; done\nhead -c {SIZE} /dev/zero | tr '\\0' '~'\nevent written"
        job.daemon(f"d{number}", f"{commands}\n{IDLE}")
    with test.start(job) as container:
        container.await_starts(within=60)
        before = most = container.resident()
        gate.touch()
        end = time.monotonic() + 150
        while sum(event.endswith(" written") for event in container.events()) < DAEMONS:
            most = max(most, container.resident())
            expect(most - before < BOUND, f"{(most - before) // 1024} MB more memory")
            expect(time.monotonic() < end, "a daemon can't write its line")
            time.sleep(0.1)
