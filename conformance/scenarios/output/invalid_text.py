"""Bytes that are no text come out in some form, and so does what follows."""

from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "One bad byte, as of a name in an old encoding, must not end the log."
BITTEN = ()
NEEDS = (Claim.OUTPUT,)


def check(test):
    job = test.job(labels=Claim.LABELS in test.supervisor.claims)
    bad = r"\377\376 \300\200 \355\240\200 \360\237 \001"
    half = "printf 'half a character \\303'; sleep 0.3; printf '\\251\\n'"
    job.daemon("web", f"printf 'bad {bad} end\\nzero \\000 end\\n'\n{half}\necho afterwards\n{IDLE}")
    with test.start(job) as container:
        container.await_line(b"bad [^\n]* end\r?\n")
        container.await_line(b"zero (.|\n)* end\r?\n")
        container.await_line("half a character \u00e9\r?\n".encode())
        container.await_line(b"afterwards\r?\n")
