"""catatonit: an init for one program."""

from conformance.job import Job
from conformance.supervisor import Claim, Command, Supervisor, found


def command(job: Job) -> Command:
    if len(job.daemons) == 1:
        return Command([found("catatonit"), "-g", "--", str(job.daemons[0].program)])
    commands = "\n".join(f"{daemon.program} &" for daemon in job.daemons)
    return Command([found("catatonit"), "-g", "--", "sh", "-c", f"{commands}\nwait"])


SUPERVISOR = Supervisor(
    name="catatonit",
    documentation="https://github.com/openSUSE/catatonit#usage",
    claims=frozenset({Claim.TEARDOWN, Claim.ALL_DONE, Claim.EXIT_CODE, Claim.GROUPS, Claim.OUTPUT}),
    command=command,
    programs=("catatonit",),
    version=("catatonit", "--version"),
    not_claimed=dict.fromkeys(("environment/stdin", "environment/stdin_closed"), "the program has PID 1's stdin"),
)
