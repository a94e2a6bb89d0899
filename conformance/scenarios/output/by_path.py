"""A daemon of another user can write to its output by the paths /dev/stdout and /dev/stderr."""

from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "Web servers and many others take only a path for their log, and may not open a pipe that belongs to root."
BITTEN = ("moby/moby#31243", "moby/moby#6880", "opencontainers/runc#280")
NEEDS = (Claim.USER, Claim.OUTPUT, Claim.PATHS)


def check(test):
    job = test.job(labels=Claim.LABELS in test.supervisor.claims)
    job.daemon("web", f"echo to stdout >/dev/stdout\necho to stderr >/dev/stderr\nevent wrote\n{IDLE}", user="nobody")
    with test.start(job) as container:
        container.await_event("web wrote")
        container.await_line("to stdout")
        container.await_line("to stderr")
