"""Each byte of a line of 10 MB comes out, and another daemon's lines come while it is not finished."""

from conformance import lines
from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A dump of some data structure is one line; it must neither stop the others nor lose its end."
BITTEN = ("F1bonacc1/process-compose#57",)
NEEDS = (Claim.SEVERAL, Claim.OUTPUT)

HALF = 5_000_000


def check(test):
    job = test.job()
    finish = job.directory / "finish"
    half = f"head -c {HALF} /dev/zero | tr '\\0' '~'"
    job.daemon("a", f"{half}\nevent half\nuntil [ -e {finish} ]; do sleep 0.05; done\n{half}\necho\n{IDLE}")
    job.daemon("b", f"until grep -q 'a half' {job.events}; do sleep 0.05; done\n{lines.writing('b', 100)}\n{IDLE}")
    with test.start(job) as container:
        container.await_event("a half", within=60)
        lines.await_all(container.output, "b", 100)
        finish.touch()
        container.await_that(lambda: container.output.count(b"~") >= 2 * HALF, "whole long line", within=60)
        more = container.output.count(b"~") - 2 * HALF
        expect(not more, f"{more} bytes twice")
