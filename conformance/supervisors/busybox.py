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
    (etc / "inittab").write_text("".join(f"::{action}:{daemon.program}\n" for daemon in job.daemons))
    setup = f"mount --rbind /etc {machine}\nmount --bind {etc} /etc"
    return Command([found("busybox"), "init"], setup=setup)


SUPERVISOR = Supervisor(
    name="busybox init",
    documentation="https://git.busybox.net/busybox/tree/examples/inittab",
    claims=frozenset({Claim.SEVERAL, Claim.RESTART, Claim.OUTPUT}),
    command=command,
    programs=("busybox",),
    version=("busybox",),
)
