"""The peers: the supervisors of the conformance suite, and what the comparison needs beside their adapters."""

import platform
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import status
from launch import PYTHON, Job
from status import Status

from conformance import supervisors
from conformance.job import Policy
from conformance.supervisor import Claim, Command, Supervisor
from conformance.supervisors import python_script, sidecar_init

TOP = Path(__file__).resolve().parents[2]

OURS = sidecar_init.SUPERVISOR.name
BASELINE = python_script.SUPERVISOR.name
CAT = "cat"

NO_OUTPUT = "takes no output of the daemons"
NO_STATUS = "no health page, API or command"
UNLABELLED = "the daemons write to its stdout directly, without labels"


@dataclass(frozen=True)
class Extra:
    """
    What the comparison needs beside a supervisor's adapter.

    policy: what a death leads to where none is measured: that for which the supervisor needs no script
    lighten: takes away from what the adapter has written what makes it more correct, and slower
    status: asks the supervisor which daemons run
    asks: what that is, for the page
    relays: it reads the daemons' output and writes it to its stdout
    stamp: how many bytes of a changing text, such as the time, stand before the label
    ends_together: the death of a daemon ends all, whatever the policy
    notes: for the page, how it runs
    unsupported: measure -> the reason, where the claims do not tell
    """

    policy: Policy = Policy.LEAVE
    lighten: Callable[[Job], None] = lambda job: None
    status: Callable[[Job], Status] | None = None
    asks: str = ""
    relays: bool = False
    stamp: int = 0
    ends_together: bool = False
    notes: str = ""
    unsupported: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Peer:
    supervisor: Supervisor
    extra: Extra
    supervises: bool = True

    @property
    def name(self) -> str:
        return self.supervisor.name

    @property
    def label(self) -> str:
        """The constant text before each line of a daemon, with NAME for the daemon."""
        return self.supervisor.label if Claim.LABELS in self.supervisor.claims else ""

    def run(self, job: Job) -> Command:
        if self.name == OURS:
            return ours_by_variable(job)
        command = self.supervisor.command(job)
        if self.name == BASELINE:
            command = replace(command, arguments=[PYTHON, *command.arguments[1:]])
        self.extra.lighten(job)
        return command

    def version(self) -> str:
        return f"Python {platform.python_version()}" if self.name == BASELINE else self.supervisor.installed_version()

    def why_not(self, measure: str) -> str:
        """Why it does not support the measure, or empty."""
        claims = self.supervisor.claims
        lacking = {
            "ready": "" if self.extra.status else NO_STATUS,
            "down": "" if self.extra.status else NO_STATUS,
            "line": "" if self.supervisor.death else "logs no deaths",
            "restart": "" if Claim.RESTART in claims else "no restarts",
            "logs": "" if self.extra.relays else UNLABELLED if Claim.OUTPUT in claims else NO_OUTPUT,
        }
        return self.extra.unsupported.get(measure) or lacking.get(measure, "")


def ours_by_variable(job: Job) -> Command:
    """The bundle file by the variable, as the image names it; the adapter uses the flag."""
    command = sidecar_init.command(job)
    launcher, _, file = command.arguments
    return Command([launcher], {"CLAUDE_BOTTLE_SIDECAR_CONFIG": file, **command.environment})


def cat(job: Job) -> Command:
    """One cat for each pipe, all with the same stdout."""
    return Command(["sh", "-c", "\n".join(f"{daemon.program} | cat &" for daemon in job.daemons) + "\nwait"])


def without_finish(job: Job) -> None:
    if job.policy is Policy.RESTART:
        for file in job.directory.glob("services/*/finish"):
            file.unlink()


def without_second_stop(job: Job) -> None:
    if not job.labels:
        init = job.directory / "init"
        lines = init.read_text().splitlines(keepends=True)
        init.write_text("".join(line for line in lines if "force-shutdown" not in line))


SHELL = "a shell starts the daemons and waits"

EXTRAS = {
    OURS: Extra(status=status.sidecar_init, asks="`/q/health/ready`", relays=True),
    BASELINE: Extra(relays=True, notes="the script that Sidecar Init replaces"),
    CAT: Extra(relays=True, notes="a shell that starts the daemons and one `cat` for each"),
    "pebble": Extra(
        status=status.pebble,
        asks="`/v1/services` of its API (`/v1/health` knows checks only)",
        relays=True,
        stamp=len("2026-01-01T00:00:00.000Z "),
    ),
    "process-compose": Extra(
        status=status.process_compose,
        asks="`/processes` of its API",
        relays=True,
        unsupported={"line": "logs to a file"},
    ),
    "horust": Extra(
        status=status.horust, asks="the status of each service, by its socket, which answers one request in 0.3 s"
    ),
    "s6": Extra(
        policy=Policy.RESTART,
        lighten=without_finish,
        status=status.s6,
        asks="`s6-svstat`",
        relays=True,
        notes="with `s6-log` in Logs only; without `finish`, which stops what a daemon has left",
    ),
    "runit": Extra(
        policy=Policy.RESTART,
        lighten=without_second_stop,
        status=status.runit,
        asks="`sv status`",
        relays=True,
        notes="below a shell that stops by `sv`; with `svlogd`, and a second stop for it, in Logs only",
    ),
    "daemontools": Extra(
        policy=Policy.RESTART,
        status=status.daemontools,
        asks="`svstat`",
        notes="below a shell that stops by `svc` and looks ten times a second whether all have ended",
    ),
    "supervisord": Extra(status=status.supervisord, asks="`getAllProcessInfo` of its API", relays=True),
    "monit": Extra(
        status=status.monit,
        asks="`/_status` of its API",
        notes="below a shell that stops by `monit stop all`; checks every second",
    ),
    "circus": Extra(status=status.circus, asks="`circusctl status`, which takes some 0.3 s itself"),
    "honcho": Extra(relays=True, stamp=len("00:00:00 ") + len(".1 "), ends_together=True),
    "busybox init": Extra(unsupported={"line": "logs to a console or syslog only"}),
    "tini": Extra(notes=SHELL),
    "dumb-init": Extra(notes=SHELL),
    "catatonit": Extra(notes=SHELL),
    "bash wait": Extra(notes="it is the shell, with a trap that stops the daemons and waits"),
}

ALL = (
    *(Peer(supervisor, EXTRAS.get(supervisor.name, Extra())) for supervisor in supervisors.ALL),
    Peer(
        Supervisor(CAT, "", frozenset(), cat, programs=("cat",), version=("cat", "--version")),
        EXTRAS[CAT],
        supervises=False,
    ),
)


def available() -> tuple[list[Peer], dict[str, str]]:
    """The peers that can run on this machine, and why the others can't."""
    absent = {peer.name: reason for peer in ALL if (reason := peer.supervisor.missing())}
    return [peer for peer in ALL if peer.name not in absent], absent
