"""A daemon starts in the directory that PID 1 was started in."""

import os

from conformance.container import expect
from conformance.job import IDLE

WHY = "An image's working directory is part of it: relative paths in arguments and configurations count on it."
BITTEN = ()
NEEDS = ()

DIRECTORY = "/usr/share"


def check(test):
    job = test.job()
    job.daemon("web", IDLE)
    with test.start(job, setup=f"cd {DIRECTORY}") as container:
        container.await_starts()
        actual = os.readlink(f"/proc/{container.live_pid('web')}/cwd")
        expect(actual == DIRECTORY, f"directory {actual}")
