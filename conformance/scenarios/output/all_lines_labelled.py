"""20,000 lines of two daemons all come out under their daemon's name."""

from conformance import lines
from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A label costs a detour through the supervisor, and each detour is a place where lines get lost."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.LABELS)

LINES = 10_000


def check(test):
    job = test.job(labels=True)
    for name in ("a", "b"):
        job.daemon(name, f"{lines.writing(name, LINES)}\n{IDLE}")
    with test.start(job) as container:
        for name in ("a", "b"):
            lines.await_all(container.output, name, LINES)
            label = test.supervisor.label.replace("NAME", name).encode()
            labelled = sum(line.startswith(label + name.encode() + b"-line-") for line in container.lines())
            expect(labelled == LINES, f"{labelled} of {LINES} lines of {name} are labelled")
