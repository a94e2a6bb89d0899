"""catatonit: an init for one program."""

from conformance.job import Job
from conformance.supervisor import Claim, Command, Supervisor, found
from conformance.supervisors.scripts import one_program


def command(job: Job) -> Command:
    return Command([found("catatonit"), "-g", "--", *one_program(job)])


SUPERVISOR = Supervisor(
    name="catatonit",
    documentation="https://github.com/openSUSE/catatonit#usage",
    claims=frozenset({Claim.TEARDOWN, Claim.ALL_DONE, Claim.EXIT_CODE, Claim.GROUPS, Claim.OUTPUT}),
    command=command,
    programs=("catatonit",),
    version=("catatonit", "--version"),
    not_claimed=dict.fromkeys(("environment/stdin", "environment/stdin_closed"), "the program has PID 1's stdin"),
)
