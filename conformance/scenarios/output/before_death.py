"""What a daemon wrote before its death stands before the line that reports the death."""

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "Who reads the log from the report of a death upwards finds the reason."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.OUTPUT, Claim.DEATHS)

DAEMONS = 8


def check(test):
    job = test.job()
    names = [f"d{number}" for number in range(DAEMONS)]
    for name in names:
        job.daemon(
            name,
            f"i=0; while [ $i -lt 200 ]; do echo {name} line $i; i=$((i + 1)); done\necho {name} last words\nexit 3",
        )
    job.daemon("other", IDLE)
    with test.start(job) as container:
        for name in names:
            container.await_line(f"{name} last words")
            death = container.await_line(test.supervisor.death.replace("NAME", name))
            output = b"\n".join(container.lines())
            last_words = output.index(f"{name} last words".encode())
            expect(last_words < output.index(death), f"the death of {name} comes before its last words")
