"""Empty and blank lines come out, and spaces at the beginning and end of a line stay."""

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "Stack traces and YAML mean something by their indentation."
BITTEN = ()
NEEDS = (Claim.OUTPUT,)


def check(test):
    job = test.job(labels=Claim.LABELS in test.supervisor.claims)
    job.daemon("web", f"printf 'first\\n\\n   \\n\\t\\n    indented  \\nlast\\n'\n{IDLE}")
    label = test.supervisor.label.replace("NAME", "web").encode() if job.labels else b""
    with test.start(job) as container:
        container.await_line(b"last\r?\n")
        blank = sum(not line.removeprefix(label).strip(b" \t") for line in container.lines())
        expect(blank == 3, f"{blank} of 3 blank lines")
        expect(any(line.endswith(b"    indented  ") for line in container.lines()), "the spaces of a line are gone")
