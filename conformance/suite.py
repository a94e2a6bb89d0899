"""Runs scenarios with supervisors: one cell of the table is one scenario with one supervisor."""

import importlib
import os
import pkgutil
import shutil
import socket
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from conformance import scenarios
from conformance.container import Container, Violation
from conformance.job import Job
from conformance.supervisor import Claim, Supervisor

HOLDS, FAILS, NOT_CLAIMED, NOT_TESTED = "holds", "fails", "not claimed", "not tested"
ATTEMPTS = 2


class Untestable(Exception):
    """This machine can't show whether the supervisor does it. The message says why."""


class Test:
    """What a scenario gets: the supervisor, and a way to start it."""

    def __init__(self, supervisor: Supervisor, directory: Path):
        self.supervisor = supervisor
        self.directory = directory
        self._jobs = 0

    def job(self, **fields) -> Job:
        """An empty job; the fields are those of `Job`."""
        self._jobs += 1
        directory = self.directory / str(self._jobs)
        directory.mkdir()
        return Job(directory, port=free_port(), **fields)

    def start(self, job: Job, **options) -> Container:
        """
        Starts the supervisor. setup: shell commands that run before it. stdout: a descriptor for its stdout and stderr
        instead of the pipe that is read. as_pid_1=False: it gets a shell as PID 1 above itself. user: the number of the
        user that it runs as.
        """
        return Container(self.supervisor, job, **options)


@dataclass(frozen=True)
class Scenario:
    """
    name: its file's path below `scenarios`, without `.py`
    title: what a supervisor must do
    why: why it matters
    bitten: reports of people whom the opposite has hurt, as OWNER/REPOSITORY#NUMBER
    needs: a supervisor that does not claim all of these is not tested
    alone: no other scenario runs at the same time
    """

    name: str
    title: str
    why: str
    bitten: tuple[str, ...]
    needs: frozenset[Claim]
    alone: bool
    check: Callable[[Test], None]


@dataclass(frozen=True)
class Cell:
    """
    verdict: HOLDS, FAILS, NOT_CLAIMED or NOT_TESTED
    reason: of the first failure, or why it is not claimed or tested
    failures: in how many of the attempts it failed; there is only one when the first holds
    """

    verdict: str
    reason: str = ""
    failures: int = 0
    seconds: float = field(default=0, compare=False)


def all_scenarios() -> list[Scenario]:
    names = sorted(
        module.name.removeprefix(scenarios.__name__ + ".")
        for module in pkgutil.walk_packages(scenarios.__path__, scenarios.__name__ + ".")
        if not module.ispkg
    )
    return [_load(name) for name in names]


def _load(name: str) -> Scenario:
    module = importlib.import_module(f"{scenarios.__name__}.{name}")
    assert module.__doc__
    return Scenario(
        name.replace(".", "/"),
        " ".join(module.__doc__.split()).removesuffix("."),
        module.WHY,
        module.BITTEN,
        frozenset(module.NEEDS),
        getattr(module, "ALONE", False),
        module.check,
    )


def run(scenario: Scenario, supervisor: Supervisor, attempts: int = ATTEMPTS) -> Cell:
    """A scenario that fails is run again, because a failure may be rare and still be one: the cell counts them."""
    lacking = sorted(claim.value for claim in scenario.needs - supervisor.claims)
    if lacking:
        return Cell(NOT_CLAIMED, "; ".join(f"not: {claim}" for claim in lacking))
    if scenario.name in supervisor.not_claimed:
        return Cell(NOT_CLAIMED, supervisor.not_claimed[scenario.name])
    began = time.monotonic()
    failures, reason = 0, ""
    for attempt in range(attempts):
        violation = _attempt(scenario, supervisor)
        if isinstance(violation, Untestable):
            return Cell(NOT_TESTED, str(violation))
        if violation:
            # it may quote a daemon's output
            failures, reason = failures + 1, reason or "".join(c if c.isprintable() else " " for c in str(violation))
        elif attempt == 0:
            break
    return Cell(FAILS if failures else HOLDS, reason, failures, round(time.monotonic() - began, 1))


def _attempt(scenario: Scenario, supervisor: Supervisor) -> Violation | Untestable | None:
    directory = Path(tempfile.mkdtemp(prefix="conformance-"))
    directory.chmod(0o755)  # daemons may run as another user
    test = Test(supervisor, directory)
    try:
        scenario.check(test)
        return None
    except Violation as violation:
        return Violation(str(violation).replace(f"{directory}/", ""))  # the same in each run
    except Untestable as cause:
        return cause
    finally:
        if os.environ.get("KEEP"):
            print(f"{scenario.name}  {supervisor.name}  is in {directory}", flush=True)
        else:
            shutil.rmtree(directory, ignore_errors=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
