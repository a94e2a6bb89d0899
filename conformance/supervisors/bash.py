"""bash wait: a script that starts the daemons in the background and waits, as Docker's manual says, and a trap."""

import shlex

from conformance.job import Daemon, Job, Policy
from conformance.supervisor import Claim, Command, Supervisor

# with job control, each background job is a process group, and `wait` returns when a job is stopped, too, but for -f
BEGIN = """#!/bin/bash
set -m
stop() { for pid in $pids; do kill -TERM -- -$pid 2>/dev/null; done; wait -f $pids; }
trap 'stop; exit 0' TERM INT
"""


def command(job: Job) -> Command:
    # `wait -n` returns when one daemon has ended
    end = "wait -f -n $pids\ncode=$?\nstop\nexit $code" if job.policy is Policy.TEARDOWN else "wait -f $pids"
    script = job.directory / "entrypoint"
    script.write_text(BEGIN + "".join(f'{start(daemon)} &\npids="$pids $!"\n' for daemon in job.daemons) + end + "\n")
    script.chmod(0o755)
    return Command([str(script)])


def start(daemon: Daemon) -> str:
    variables = [f"{name}={shlex.quote(value)}" for name, value in daemon.environment.items()]
    return " ".join([*variables, str(daemon.program), "</dev/null"])


SUPERVISOR = Supervisor(
    name="bash wait",
    documentation="https://docs.docker.com/engine/containers/multi-service_container/#use-a-wrapper-script",
    claims=frozenset({Claim.SEVERAL, Claim.TEARDOWN, Claim.EXIT_CODE, Claim.ALL_DONE, Claim.STOP_ZERO})
    | {Claim.GROUPS, Claim.OUTPUT, Claim.ENVIRONMENT},
    not_claimed={
        "environment/terminal": "its documentation: background jobs have the terminal, in groups of their own"
    },
    command=command,
    programs=("bash",),
    version=("bash", "--version"),
)
