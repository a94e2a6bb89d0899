"""What a scenario asks of a supervisor: these daemons, this policy."""

import enum
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

IDLE = "exec sleep 86399"
DAEMONS = Path(__file__).parent / "daemons"


class Policy(enum.Enum):
    """What the death of a daemon leads to."""

    LEAVE = "nothing: the other daemons run on"
    RESTART = "it is started again, with the shortest delay that the supervisor offers"
    TEARDOWN = "the supervisor stops the other daemons and exits"


@dataclass(frozen=True)
class Daemon:
    """
    program: an executable script, so that no supervisor's configuration needs quoting
    environment: variables of this daemon alone
    user: the name of its user, or empty: that of the supervisor
    depends_on: the daemons that must be ready before it starts
    ready, alive: a program that exits 0 while the daemon is ready, or alive; None: no probe
    """

    name: str
    program: Path
    environment: dict[str, str] = field(default_factory=dict)
    user: str = ""
    depends_on: tuple[str, ...] = ()
    ready: Path | None = None
    alive: Path | None = None


@dataclass
class Job:
    """
    directory: for configuration, sockets and state; readable by every user, writable by the supervisor
    grace: the seconds from TERM to KILL at a stop, for each daemon
    labels: each line of the output must name its daemon
    backoff: with RESTART, the delay grows as it does by default, instead of being the shortest
    give_up_after: with RESTART, a daemon that dies this often in quick succession is not started again; 0: without end
    port: a free TCP port for the supervisor's HTTP interface, if it has one
    """

    directory: Path
    port: int
    policy: Policy = Policy.LEAVE
    grace: int = 2
    labels: bool = False
    backoff: bool = False
    give_up_after: int = 0
    daemons: list[Daemon] = field(default_factory=list)

    @property
    def events(self) -> Path:
        """The file to which daemons append their events, one line each."""
        return self.directory / "events"

    def daemon(self, name: str, commands: str, *, ready: str = "", alive: str = "", **attributes) -> Daemon:
        """
        Adds a daemon that runs these shell commands. `event TEXT` reports `NAME TEXT` to the scenario; the first event,
        `started PID`, comes before the commands. The commands of `ready` and `alive` become its probes.
        """
        daemon = Daemon(
            name,
            self.program(name, f"event started $$\n{commands}"),
            ready=self.program(f"{name}-ready", ready) if ready else None,
            alive=self.program(f"{name}-alive", alive) if alive else None,
            **attributes,
        )
        self.daemons.append(daemon)
        return daemon

    def program(self, name: str, commands: str) -> Path:
        """Makes a shell script with the function `event`."""
        event = f'event() {{ echo "{name} $*" >>{shlex.quote(str(self.events))}; }}'
        return script(self.directory / "programs" / name, f"export DAEMON={name}\n{event}\n{commands}")


def until_term(commands: str) -> str:
    """
    Shell commands that wait for TERM and then execute these, as a trap: a daemon that obeys. The event `waits` is made
    when the trap is set. The commands contain no single quote, and end with `exit` if the daemon shall.
    """
    trap = f"trap 'kill $! 2>/dev/null; {commands}' TERM"
    return f"{trap}\nsleep 86399 &\nevent waits\nwait $!\nwhile :; do sleep 86399 & wait $!; done"


def ignoring(numbers: Iterable[int], program: Path) -> str:
    """Shell commands that execute a program with these signals ignored, and all others as a fresh process has them."""
    numbers = ",".join(str(int(number)) for number in numbers)
    return shlex.join(["exec", "python3", "-B", str(DAEMONS / "ignoring.py"), numbers, str(program)])


def script(path: Path, commands: str) -> Path:
    """Makes an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{commands}\n")
    path.chmod(0o755)
    return path
