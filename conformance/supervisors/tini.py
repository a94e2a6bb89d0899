"""tini: an init for one program."""

from conformance.job import Job
from conformance.supervisor import Claim, Command, Supervisor, found


def command(job: Job) -> Command:
    if len(job.daemons) == 1:
        return Command([found("tini"), "-g", "--", str(job.daemons[0].program)])
    commands = "\n".join(f"{daemon.program} &" for daemon in job.daemons)
    return Command([found("tini"), "-g", "--", "sh", "-c", f"{commands}\nwait"])


SUPERVISOR = Supervisor(
    name="tini",
    documentation="https://github.com/krallin/tini#using-tini",
    claims=frozenset({Claim.TEARDOWN, Claim.EXIT_CODE, Claim.GROUPS, Claim.OUTPUT}),
    command=command,
    programs=("tini",),
    version=("tini", "--version"),
)
