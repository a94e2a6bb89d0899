"""process-compose: without its terminal interface."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.job import Daemon, Job, Policy
from conformance.supervisor import Claim, Command, Supervisor, found

if TYPE_CHECKING:
    from conformance.container import Container

# a process whose readiness probe has failed this often is stopped: its readiness probe is its liveness probe, too
NEVER = 1000000
TOKEN = "known to root alone, as long as it must be"


def command(job: Job) -> Command:
    project = {
        "version": "0.5",
        "ordered_shutdown": True,
        "processes": {daemon.name: process(job, daemon) for daemon in job.daemons},
    }
    file = job.directory / "process-compose.yaml"
    # JSON is YAML; before it is read, variables are replaced in it, and pairs of backslashes
    file.write_text(json.dumps(project, indent=1).replace("$", "$$").replace("\\\\", "\\" * 4))
    token(job).write_text(TOKEN)
    token(job).chmod(0o600)
    (job.directory / "process-compose").mkdir()  # for its settings
    options = ["--tui=false", "--disable-dotenv", "--config", str(file), "--log-file", str(job.directory / "log")]
    return Command([*client(job), *options], {"XDG_CONFIG_HOME": str(job.directory)})


def client(job: Job) -> list[str]:
    return [found("process-compose"), "--port", str(job.port), "--token-file", str(token(job))]


def token(job: Job) -> Path:
    """The file with which root alone controls it."""
    return job.directory / "token"


def process(job: Job, daemon: Daemon) -> dict:
    ready = {other.name for other in job.daemons if other.ready}
    keys: dict = {
        "entrypoint": [str(daemon.program)],
        "is_template_disabled": True,
        # a value is a Go template
        "environment": [f"{name}={value.replace('{{', '{{`{{`}}')}" for name, value in daemon.environment.items()],
        "shutdown": {"timeout_seconds": job.grace},
        "availability": availability(job),
        "depends_on": {
            name: {"condition": "process_healthy" if name in ready else "process_started"} for name in daemon.depends_on
        },
    }
    if job.policy is not Policy.TEARDOWN:
        keys["success_exit_codes"] = [143]  # the end by TERM is no failure
    if daemon.ready:
        keys["readiness_probe"] = probe(daemon.ready, NEVER)
    elif daemon.alive:
        keys["readiness_probe"] = probe(daemon.alive, 2)
    if daemon.alive:
        keys["liveness_probe"] = probe(daemon.alive, 2)
    return keys


def availability(job: Job) -> dict:
    if job.policy is Policy.LEAVE:
        return {"restart": "no"}
    if job.policy is Policy.TEARDOWN:
        return {"exit_on_end": True}
    # a second is the shortest delay
    return {"restart": "always", "backoff_seconds": 1, "max_restarts": max(0, job.give_up_after - 1)}


def probe(program: Path, failures: int) -> dict:
    return {
        "exec": {"command": str(program)},
        "period_seconds": 1,
        "timeout_seconds": 1,
        "failure_threshold": failures,
    }


def is_ready(container: "Container", name: str) -> bool:
    request = urllib.request.Request(
        f"http://127.0.0.1:{container.job.port}/process/{name}", headers={"X-PC-Token-Key": TOKEN}
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            state = json.load(answer)
            return state["is_running"] and state["is_ready"] == "Ready"
    except urllib.error.URLError:
        return False  # it does not listen yet


NOT_CLAIMED = {
    "environment/terminal": "its documentation: processes have groups of their own, not sessions",
    "output/errors": "its documentation promises no order between stdout and stderr",
    "output/long_lines_memory": "its documentation does not speak of the length of lines",
    "restart/all_done_code": "its documentation: the code is that of a process whose end ends all, not of the last",
    "restart/leftover_in_group": "its documentation: the process group gets the signals of a stop, not of a death",
    "restart/program_appears": "its documentation: what exits is started again, not what can't be started",
    "signals/hangup": "to it HUP is a request to end, as TERM is",
}

SUPERVISOR = Supervisor(
    name="process-compose",
    documentation="https://f1bonacc1.github.io/process-compose/launcher/",
    # is_elevated is for root alone; the delay before a restart is always the same; deaths are in a file
    claims=frozenset({Claim.SEVERAL, Claim.RESTART, Claim.TEARDOWN, Claim.ALL_DONE, Claim.EXIT_CODE, Claim.STOP_ZERO})
    | {Claim.GRACE, Claim.GROUPS, Claim.OUTPUT, Claim.LABELS, Claim.GIVE_UP, Claim.READINESS, Claim.LIVENESS}
    | {Claim.DEPENDENCIES, Claim.ORDERED_STOP, Claim.ENVIRONMENT, Claim.CONTROL},
    command=command,
    programs=("process-compose",),
    version=("process-compose", "version"),
    not_claimed=NOT_CLAIMED,
    label="[NAME\t] ",
    # it sets the title of the terminal
    stamp=(r"\x1b\]0;[^\x07]*\x07", ""),
    is_ready=is_ready,
    stop_command=lambda job, name: [*client(job), "process", "stop", name],
)
