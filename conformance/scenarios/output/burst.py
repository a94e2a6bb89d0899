"""A daemon that writes as fast as it can does not keep another one's lines back."""

from conformance import lines
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A daemon in trouble writes most; the others must still be heard."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.OUTPUT)

LINES = 60


def check(test):
    job = test.job(labels=Claim.LABELS in test.supervisor.claims)
    gate = job.directory / "gate"
    thousand = "i=0; while [ $i -lt 1000 ]; do echo a line of a burst; i=$((i + 1)); done"
    job.daemon("noisy", f"until [ -e {gate} ]; do {thousand}; done\n{IDLE}")
    job.daemon("web", f"{lines.writing('web', LINES).replace('.;', '.; sleep 0.05;')}\nevent done\n{IDLE}")
    with test.start(job) as container:
        container.await_event("web done", within=60)
        # the burst goes on
        container.await_that(lambda: container.output.count(b"web-line-") == LINES, "lines beside the burst", within=10)
        gate.touch()
        lines.await_all(container.output, "web", LINES)
