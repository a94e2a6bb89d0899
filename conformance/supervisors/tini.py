"""tini: an init for one program."""

from conformance.job import Job, Policy
from conformance.supervisor import Claim, Command, Supervisor, found
from conformance.supervisors.scripts import one_program


def command(job: Job) -> Command:
    # the end by TERM is no failure, unless it is the daemon whose death counts
    options = ["-g"] if job.policy is Policy.TEARDOWN else ["-g", "-e", "143"]
    return Command([found("tini"), *options, "--", *one_program(job)])


SUPERVISOR = Supervisor(
    name="tini",
    documentation="https://github.com/krallin/tini#using-tini",
    claims=frozenset({Claim.TEARDOWN, Claim.ALL_DONE, Claim.EXIT_CODE, Claim.STOP_ZERO, Claim.GROUPS, Claim.OUTPUT}),
    command=command,
    programs=("tini",),
    version=("tini", "--version"),
    not_claimed={"environment/stdin": "the program has the container's stdin, as without it"},
)
