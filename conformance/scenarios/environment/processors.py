"""A daemon may use the processors that PID 1 was started with, and no others."""

import os

from conformance.container import expect
from conformance.job import IDLE

WHY = "Who pins a container to processors keeps the others free for something else."
BITTEN = ()
NEEDS = ()


def check(test):
    job = test.job()
    job.daemon("web", IDLE)
    processor = min(os.sched_getaffinity(0))
    with test.start(job, setup=f'set -- taskset --cpu-list {processor} "$@"') as container:
        container.await_starts()
        actual = os.sched_getaffinity(container.live_pid("web"))
        expect(actual == {processor}, f"processors {sorted(actual)} instead of {processor}")
