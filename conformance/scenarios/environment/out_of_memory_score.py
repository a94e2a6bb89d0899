"""A daemon has the score for a lack of memory that PID 1 was started with."""

from pathlib import Path

from conformance.container import expect
from conformance.job import IDLE

WHY = "By it the engine tells the kernel whom to kill first; daemons with another one die too early, or too late."
BITTEN = ("Supervisor/supervisor#754",)
NEEDS = ()


def check(test):
    job = test.job()
    job.daemon("web", IDLE)
    with test.start(job, setup="echo 500 >/proc/self/oom_score_adj") as container:
        container.await_starts()
        score = Path(f"/proc/{container.live_pid('web')}/oom_score_adj").read_text().strip()
        expect(score == "500", f"oom_score_adj {score}")
