"""dumb-init: an init for one program."""

from conformance.job import Job
from conformance.supervisor import Claim, Command, Supervisor, found
from conformance.supervisors.scripts import one_program


def command(job: Job) -> Command:
    # in its default mode it signals the whole session of the program
    return Command([found("dumb-init"), "--", *one_program(job)])


SUPERVISOR = Supervisor(
    name="dumb-init",
    documentation="https://github.com/Yelp/dumb-init#what-dumb-init-does",
    claims=frozenset({Claim.TEARDOWN, Claim.ALL_DONE, Claim.EXIT_CODE, Claim.GROUPS, Claim.OUTPUT}),
    command=command,
    programs=("dumb-init",),
    version=("dumb-init", "--version"),
    not_claimed=dict.fromkeys(("environment/stdin", "environment/stdin_closed"), "the program has PID 1's stdin"),
)
