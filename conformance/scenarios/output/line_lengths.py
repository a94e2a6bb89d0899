"""Lines as long as usual buffers, a byte shorter and a byte longer, come out whole."""

import re

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "JSON that is cut is no JSON."
BITTEN = ("moby/moby#34855", "moby/moby#36777", "elastic/beats#6605")
NEEDS = (Claim.OUTPUT,)

LENGTHS = [power + more for power in (1024, 4096, 8192, 16384, 65536) for more in (-2, -1, 0, 1)]


def check(test):
    job = test.job(labels=Claim.LABELS in test.supervisor.claims)
    text = job.directory / "text"
    text.write_text("".join("~" * length + "\n" for length in LENGTHS) + "end\n")
    job.daemon("web", f"cat {text}\n{IDLE}")
    with test.start(job) as container:
        container.await_line(b"end\r?\n")
        got = [len(run) for run in re.findall(rb"~+(?=\r?\n)", container.output.bytes())]
        cut = sorted(set(LENGTHS) - set(got))
        expect(got == LENGTHS, f"not whole: those of {cut or got} bytes")
