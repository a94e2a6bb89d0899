"""What the suite knows of a supervisor."""

import enum
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance.job import Job

if TYPE_CHECKING:
    from conformance.container import Container

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Claim(enum.Enum):
    """What a supervisor says that it does. A scenario that needs something else is not claimed: that is no failure."""

    SEVERAL = "runs several daemons"
    RESTART = "restarts a daemon that died"
    TEARDOWN = "ends when a daemon dies"
    ALL_DONE = "ends when all daemons have ended"
    EXIT_CODE = "exits with the code of the daemon whose death ended it"
    STOP_ZERO = "exits with 0 after a stop that all daemons obeyed"
    GRACE = "sends KILL to a daemon that ignores TERM, after a time that is configurable"
    RESUME = "a daemon that is stopped (SIGSTOP) can obey TERM, because it gets CONT"
    FORCE = "a second TERM ends a stop that takes long"
    GROUPS = "stops what a daemon has started, too"
    DESCENDANTS = "stops what a daemon has started in process groups and sessions of their own, too"
    OUTPUT = "the daemons' output goes to its own stdout"
    PATHS = "a daemon of another user can open its output by the path /dev/stdout"
    LABELS = "each line of output names its daemon"
    ESCAPES = "control characters of a daemon can't drive the terminal of who reads the output"
    DEATHS = "logs the death of a daemon"
    BACKOFF = "the delay before a restart grows"
    GIVE_UP = "gives up a daemon that dies again and again"
    READINESS = "knows whether a daemon is ready, by a probe"
    LIVENESS = "restarts a daemon that hangs, by a probe"
    DEPENDENCIES = "starts a daemon when those that it depends on are ready"
    ORDERED_STOP = "stops a daemon after those that depend on it"
    CLOSES = "closes the descriptors that it inherits"
    SIGNALS = "daemons start without the blocked and ignored signals that it inherits"
    USER = "runs a daemon as another user"
    ENVIRONMENT = "gives each daemon variables of its own"
    CONTROL = "has a control interface"


@dataclass(frozen=True)
class Command:
    """
    How to run a supervisor as PID 1.

    setup: shell commands that run in the new namespace before the supervisor
    """

    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    setup: str = ""


@dataclass(frozen=True)
class Supervisor:
    """
    documentation: the address of what its configuration here follows, or relative to docs/; empty: there is none
    command: makes its configuration for a job
    programs: what must be on the PATH
    unavailable: why it can't run here, apart from missing programs; or empty
    version: a command that prints its version
    not_claimed: name of a scenario -> why it does not claim this, although it claims all that the scenario needs
    label: the text before each line of a daemon, with NAME for the daemon
    stamp: a regular expression for how a line begins, say with the time, and what the scenarios see instead
    death: a regular expression for its line about a death, with NAME for the daemon
    is_ready: whether the supervisor says that a daemon is ready
    stop_command: its own command that stops a daemon, to be run in the container
    """

    name: str
    documentation: str
    claims: frozenset[Claim]
    command: Callable[[Job], Command]
    programs: tuple[str, ...] = ()
    unavailable: str = ""
    version: tuple[str, ...] = ()
    not_claimed: dict[str, str] = field(default_factory=dict)
    label: str = ""
    stamp: tuple[str, str] = ("", "")
    death: str = ""
    is_ready: "Callable[[Container, str], bool] | None" = None
    stop_command: "Callable[[Job, str], list[str]] | None" = None

    def missing(self) -> str:
        """Why the supervisor can't run on this machine, or empty."""
        absent = [program for program in self.programs if not find(program)]
        return f"no `{absent[0]}` on the PATH" if absent else self.unavailable

    def without_stamp(self, output: bytes) -> bytes:
        pattern, replacement = self.stamp
        return re.sub(b"(?m)^" + pattern.encode(), replacement.encode(), output) if pattern else output

    def installed_version(self) -> str:
        """By its own word, or `?`."""
        command = [find(self.version[0]) or self.version[0], *self.version[1:]]
        try:
            result = subprocess.run(command, capture_output=True, text=True, timeout=60)
        except OSError:
            return "?"
        number = re.search(r"\d+(\.\d+)+[-\w.]*", result.stdout + result.stderr)
        return number.group() if number else "?"


def find(program: str) -> str | None:
    """The program's path. It may be anywhere on the caller's PATH; the container gets the system's."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:{PATH}")


def found(program: str) -> str:
    """The path of a program that is there."""
    path = find(program)
    assert path, program
    return path
