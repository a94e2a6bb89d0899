"""Two daemons that write half lines get whole ones, each under its own name."""

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "Who reads the log of a mixed line blames the wrong daemon."
BITTEN = ("ddollar/foreman#661",)
NEEDS = (Claim.SEVERAL, Claim.LABELS)

LINES = 200


def check(test):
    job = test.job(labels=True)
    for name in ("a", "b"):
        job.daemon(
            name,
            f"i=0\nwhile [ $i -lt {LINES} ]; do\n"
            f"printf '{name}-begin-'; sleep 0.002; printf '{name}-end\\n'; i=$((i + 1))\ndone\nevent done\n{IDLE}",
        )
    with test.start(job) as container:
        for name in ("a", "b"):
            label = test.supervisor.label.replace("NAME", name)
            wanted = f"{label}{name}-begin-{name}-end".encode()
            container.await_event(f"{name} done")
            container.await_that(
                lambda wanted=wanted: container.lines().count(wanted) == LINES, f"{LINES} lines `{wanted.decode()}`"
            )
        mixed = [line for line in container.lines() if b"a-begin" in line and b"b-end" in line]
        expect(not mixed, f"a mixed line: {mixed[:1]}")
