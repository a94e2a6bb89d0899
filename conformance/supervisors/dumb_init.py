"""dumb-init: an init for one program."""

from conformance.job import Job
from conformance.supervisor import Claim, Command, Supervisor, found


def command(job: Job) -> Command:
    # in its default mode it signals the whole session of the program
    if len(job.daemons) == 1:
        return Command([found("dumb-init"), "--", str(job.daemons[0].program)])
    commands = "\n".join(f"{daemon.program} &" for daemon in job.daemons)
    return Command([found("dumb-init"), "--", "sh", "-c", f"{commands}\nwait"])


SUPERVISOR = Supervisor(
    name="dumb-init",
    documentation="https://github.com/Yelp/dumb-init#what-dumb-init-does",
    claims=frozenset({Claim.TEARDOWN, Claim.ALL_DONE, Claim.EXIT_CODE, Claim.GROUPS, Claim.OUTPUT}),
    command=command,
    programs=("dumb-init",),
    version=("dumb-init", "--version"),
    not_claimed=dict.fromkeys(("environment/stdin", "environment/stdin_closed"), "the program has PID 1's stdin"),
)
