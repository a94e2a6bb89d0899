"""Makes processes scarce in one PID namespace."""

import os
import shlex

from conformance.job import Job
from conformance.suite import Untestable

# the least that the kernel takes
FEW_PROCESSES = "echo 301 >/proc/sys/kernel/pid_max"

HOG = """
import os, sys, time
events, gate = sys.argv[1:]
def event(text):
    with open(events, "a") as file: file.write("hog " + text + "\\n")
children, full = [], False
while not os.path.exists(gate):
    try:
        child = os.fork()
    except OSError:
        if not full: event("full")
        full = True
        continue
    if not child:
        time.sleep(86397)
    children.append(child)
for child in children: os.kill(child, 9)
for child in children: os.waitpid(child, 0)
event("released")
"""


def can_limit_processes() -> None:
    # before, the limit was one for the whole machine
    release_of_kernel = tuple(int(number) for number in os.uname().release.split("-")[0].split(".")[:2])
    if release_of_kernel < (6, 14):
        raise Untestable("a PID namespace has no limit of its own before Linux 6.14")


def hog(job: Job) -> str:
    """A shell command that takes all processes, and each that becomes free, until it is told to release them."""
    return f"python3 -c {shlex.quote(HOG)} {job.events} {job.directory}/release"


def release(job: Job) -> None:
    (job.directory / "release").touch()
