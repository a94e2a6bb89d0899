"""busybox init: one line of /etc/inittab for each daemon."""

import os

from conformance.job import Job, Policy
from conformance.supervisor import Claim, Command, Supervisor, found


def command(job: Job) -> Command:
    # it reads only /etc/inittab: in the namespace, /etc is a directory with links to all of the machine's own
    machine = job.directory / "etc-of-the-machine"
    machine.mkdir()
    etc = job.directory / "etc"
    etc.mkdir()
    for name in os.listdir("/etc"):
        if name != "inittab":
            (etc / name).symlink_to(machine / name)
    action = "respawn" if job.policy is Policy.RESTART else "once"
    lines = [f"::{action}:{daemon.program}\n" for daemon in job.daemons]
    # the action of INT
    lines.append(f"::ctrlaltdel:{found('busybox')} reboot\n")
    (etc / "inittab").write_text("".join(lines))
    setup = f"mount --rbind /etc {machine}\nmount --bind {etc} /etc"
    return Command([found("busybox"), "init"], setup=setup)


SUPERVISOR = Supervisor(
    name="busybox init",
    documentation="https://git.busybox.net/busybox/tree/examples/inittab",
    claims=frozenset({Claim.SEVERAL, Claim.RESTART, Claim.OUTPUT}),
    not_claimed=dict.fromkeys(
        ("signals/storm", "signals/user_signals"),
        "its documentation: USR1 halts and USR2 switches off",
    )
    | dict.fromkeys(
        ("stop/all_at_once", "stop/no_restart"),
        "it sends KILL a second after TERM, and no longer time can be set",
    )
    | {
        "signals/power": "PWR halts, as it does with a machine's init",
        "environment/working_directory": "it changes to `/` when it starts, as the init of a machine",
        "environment/stdin": "its documentation: a daemon without a terminal of its own has that of init",
        "limits/not_pid_1_orphans": "it says that it must be PID 1, and ends",
    },
    command=command,
    programs=("busybox",),
    version=("busybox",),
)
