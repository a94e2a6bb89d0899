"""What several adapters write into shell scripts."""

import shlex
from pathlib import Path

from conformance.job import Daemon, Job
from conformance.supervisor import found


def exports(daemon: Daemon) -> str:
    """Sets the variables of a daemon, one line each."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in daemon.environment.items())


def as_init(init: Path) -> list[str]:
    """The arguments that execute a script as PID 1: a shell can't trap what it has inherited as ignored or blocked."""
    return [found("env"), "--default-signal", str(init)]


def one_program(job: Job) -> list[str]:
    """The arguments for an init that runs one program: a daemon alone, or a shell that starts several and waits."""
    if len(job.daemons) == 1:
        return [str(job.daemons[0].program)]
    return ["sh", "-c", "".join(f"{daemon.program} &\n" for daemon in job.daemons) + "wait"]
