"""Python script: the script that Sidecar Init replaces, named by the variable BASELINE."""

import json
import os

from conformance.job import Job
from conformance.supervisor import Claim, Command, Supervisor, found

SCRIPT = os.environ.get("BASELINE", "")


def command(job: Job) -> Command:
    daemons = {daemon.name: [str(daemon.program)] for daemon in job.daemons}
    return Command([found("python3"), SCRIPT], {"SIDECAR_BASELINE_DAEMONS": json.dumps(daemons)})


NOT_CLAIMED = {
    "environment/groups": "it leaves the daemons in its own process group, and claims nothing else",
    "environment/terminal": "it leaves the daemons in its own session, and claims nothing else",
    "signals/kill_own_group": "it leaves the daemons in its own process group, and claims nothing else",
    "output/long_lines_memory": "it claims nothing about the length of lines",
    "output/before_death": "it claims no order between its own lines and those of the daemons",
}

SUPERVISOR = Supervisor(
    name="Python script",
    documentation="",
    # it sends KILL, too, but after eight seconds, always
    claims=frozenset({Claim.SEVERAL, Claim.ALL_DONE, Claim.OUTPUT, Claim.LABELS, Claim.DEATHS}),
    command=command,
    programs=("python3",),
    unavailable="" if os.path.isfile(SCRIPT) else "`BASELINE` names no file",
    version=("python3", "--version"),
    not_claimed=NOT_CLAIMED,
    label="[NAME] ",
    death="sidecar-init: NAME exited with code",
)
