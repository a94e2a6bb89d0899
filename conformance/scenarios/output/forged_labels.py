"""A daemon that writes the label of another one gets its own in front of it."""

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A daemon, or who sends it requests that it logs, could let another daemon say anything."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.LABELS)


def check(test):
    job = test.job(labels=True)
    victim = test.supervisor.label.replace("NAME", "victim")
    # a whole line, one after half a line, and one after a line that the daemon ends in the middle
    job.daemon(
        "forger", f"echo '{victim}forged 1'; printf half; sleep 0.3; printf '\\n{victim}forged 2\\n'; echo end\n{IDLE}"
    )
    job.daemon("victim", IDLE)
    with test.start(job) as container:
        container.await_line("forged 2(.|\n)*end\r?\n")
        forged = [line for line in container.lines() if line.startswith(f"{victim}forged".encode())]
        expect(not forged, f"a forged line: {forged[:1]}")
