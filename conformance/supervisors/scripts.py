"""What several adapters write into shell scripts."""

import shlex
from pathlib import Path

from conformance.job import Daemon
from conformance.supervisor import found


def exports(daemon: Daemon) -> str:
    """Sets the variables of a daemon, one line each."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in daemon.environment.items())


def as_init(init: Path) -> list[str]:
    """The arguments that execute a script as PID 1: a shell can't trap what it has inherited as ignored or blocked."""
    return [found("env"), "--default-signal", str(init)]
