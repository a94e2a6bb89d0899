"""A daemon can't forge a line of another one by `\\r`, NUL, form feed or the line separators of Unicode."""

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "Terminals, editors and log readers begin a new line at more characters than the newline."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.LABELS, Claim.ESCAPES)

SEPARATORS = ("\r", "\0", "\v", "\f", "\x1c", "\x1d", "\x1e", "\u0085", "\u2028", "\u2029")


def check(test):
    job = test.job(labels=True)
    victim = test.supervisor.label.replace("NAME", "victim")
    text = job.directory / "text"
    text.write_bytes("".join(f"x{separator}{victim}forged\n" for separator in SEPARATORS).encode() + b"end\n")
    job.daemon("forger", f"cat {text}\n{IDLE}")
    job.daemon("victim", IDLE)
    with test.start(job) as container:
        container.await_line(b"end\r?\n")
        # str.splitlines splits at all of them except NUL
        shown = b"\n".join(container.lines()).decode(errors="replace").replace("\0", "\n").splitlines()
        forged = [line for line in shown if line.startswith(f"{victim}forged")]
        expect(not forged, f"{len(forged)} forged lines with {len(SEPARATORS)} separators")
