"""The escape sequences of a daemon do not reach the terminal of who reads the output."""

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A sequence can clear the screen, hide lines, set the title or make the terminal type."
BITTEN = ()
NEEDS = (Claim.OUTPUT, Claim.ESCAPES)

SEQUENCES = (
    b"\x1b[2J",  # clears the screen
    b"\x1b[1A\x1b[2K",  # deletes the line above
    b"\x1b]0;title\x07",
    b"\x1b]52;c;ZXZpbA==\x07",  # fills the clipboard
    b"\x1bP$q\x1b\\",  # makes the terminal answer
    b"\x1bc",  # resets the terminal
    b"\xc2\x9b2J",  # the 8-bit form of ESC [ in UTF-8
    b"\x9b2J",
    b"\x08\x08\x08",
    b"\x7f\x7f",
    b"\xe2\x80\xae",  # turns the direction of the text
)


def check(test):
    job = test.job(labels=Claim.LABELS in test.supervisor.claims)
    text = job.directory / "text"
    text.write_bytes(b"".join(b"before" + sequence + b"after\n" for sequence in SEQUENCES) + b"end\n")
    job.daemon("web", f"cat {text}\n{IDLE}")
    with test.start(job) as container:
        container.await_line(b"end\r?\n")
        got = container.output.bytes()
        raw = [sequence for sequence in SEQUENCES if sequence in got]
        expect(not raw, f"unchanged: {raw}")
        expect(got.count(b"before") == got.count(b"after") == len(SEQUENCES), "the text around them is not there")
