"""Sidecar Init: the supervisor of this checkout, started by its launcher."""

import json
import os
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.job import Job, Policy
from conformance.supervisor import Claim, Command, Supervisor

if TYPE_CHECKING:
    from conformance.container import Container

LAUNCHER = Path(__file__).resolve().parents[2] / "sidecar-init"
SOCKET = "CLAUDE_BOTTLE_SIDECAR_SOCKET"


def command(job: Job) -> Command:
    bundle: dict = {
        "failure_policy": job.policy.name.lower(),
        "stop_grace_period": f"{job.grace}s",
        "daemons": {daemon.name: {"command": [str(daemon.program)]} for daemon in job.daemons},
    }
    if job.policy is Policy.RESTART:
        bundle["restart"] = {} if job.backoff else {"initial_delay": "0s", "max_delay": "1ms"}
        if job.give_up_after:
            bundle["restart"] |= {"crash_loop_deaths": job.give_up_after, "crash_loop_action": "leave"}
    for daemon in job.daemons:
        keys = bundle["daemons"][daemon.name]
        keys |= {"environment": daemon.environment, "depends_on": list(daemon.depends_on)}
        if daemon.user:
            keys["user"] = daemon.user
        probe = {"period": "200ms", "timeout": "1s", "failure_threshold": 2}
        if daemon.ready:
            keys["readiness"] = {"exec": [str(daemon.ready)], **probe}
        if daemon.alive:
            keys["liveness"] = {"exec": [str(daemon.alive)], **probe}
    file = job.directory / "bundle.yaml"
    file.write_text(json.dumps(bundle, indent=1))  # JSON is YAML
    java = {"JAVA_HOME": os.environ["JAVA_HOME"]} if "JAVA_HOME" in os.environ else {}
    variables = {"QUARKUS_HTTP_PORT": str(job.port), SOCKET: str(socket(job))}
    return Command([str(LAUNCHER), "--config", str(file)], variables | java)


def socket(job: Job) -> Path:
    return job.directory / "sidecar-init.sock"


def stop_command(job: Job, name: str) -> list[str]:
    """`restart` is the only command that stops a daemon."""
    java = [f"JAVA_HOME={os.environ['JAVA_HOME']}"] if "JAVA_HOME" in os.environ else []
    return ["env", f"{SOCKET}={socket(job)}", *java, str(LAUNCHER), "restart", name]


def is_ready(container: "Container", name: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{container.job.port}/status", timeout=5) as answer:
            return any(daemon["ready"] for daemon in json.load(answer)["daemons"] if daemon["name"] == name)
    except OSError:
        return False  # it does not listen yet


SUPERVISOR = Supervisor(
    name="sidecar-init",
    documentation="operating.md",
    claims=frozenset(Claim),
    command=command,
    version=(str(LAUNCHER), "--version"),
    label="[NAME] ",
    death="sidecar-init: NAME exited with code",
    is_ready=is_ready,
    stop_command=stop_command,
)
