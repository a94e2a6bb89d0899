"""A line of 10 MB takes little memory while it is read, and is not mixed with another daemon's lines."""

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A daemon that writes no newline must not take the memory of all the others."
BITTEN = ("F1bonacc1/process-compose#57",)
NEEDS = (Claim.SEVERAL, Claim.LABELS)

SIZE, LINES, BOUND = 10_000_000, 200, 64 * 1024


def check(test):
    job = test.job(labels=True)
    gate = job.directory / "gate"
    waiting = f"until [ -e {gate} ]; do sleep 0.05; done"
    job.daemon("a", f"{waiting}\nhead -c {SIZE} /dev/zero | tr '\\0' '~'\necho\n{IDLE}")
    short = f"i=0; while [ $i -lt {LINES} ]; do echo b-line; sleep 0.005; i=$((i + 1)); done"
    job.daemon("b", f"{waiting}\n{short}\n{IDLE}")
    wanted = test.supervisor.label.replace("NAME", "b").encode() + b"b-line"
    with test.start(job) as container:
        container.await_starts()
        before = most = container.resident()
        gate.touch()

        def come() -> bool:
            nonlocal most
            most = max(most, container.resident())
            return container.output.count(b"~") >= SIZE and container.output.count(b"b-line") >= LINES

        container.await_that(come, "whole long line and the other daemon's lines", within=60)
        container.await_that(lambda: container.output.bytes().endswith(b"\n"), "end of the last line")
        whole = container.lines().count(wanted)
        expect(whole == LINES, f"{whole} of {LINES} lines of the other daemon are whole and labelled")
        expect(most - before < BOUND, f"{(most - before) // 1024} MB more memory")
