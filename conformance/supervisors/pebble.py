"""Pebble: one layer, run with `--verbose`."""

import json
from typing import TYPE_CHECKING

from conformance.job import Daemon, Job, Policy
from conformance.supervisor import Claim, Command, Supervisor, found

if TYPE_CHECKING:
    from conformance.container import Container


def command(job: Job) -> Command:
    directory = job.directory / "pebble"
    layers = directory / "layers"
    layers.mkdir(parents=True)
    layer = {
        "services": {daemon.name: service(job, daemon) for daemon in job.daemons},
        "checks": checks(job.daemons),
    }
    (layers / "001-job.yaml").write_text(json.dumps(layer, indent=1))  # JSON is YAML
    return Command([found("pebble"), "run", "--verbose"], {"PEBBLE": str(directory)})


def service(job: Job, daemon: Daemon) -> dict:
    action = {Policy.LEAVE: "ignore", Policy.RESTART: "restart", Policy.TEARDOWN: "shutdown"}[job.policy]
    keys: dict = {
        "override": "replace",
        "startup": "enabled",
        "command": str(daemon.program),
        "environment": daemon.environment,
        "requires": list(daemon.depends_on),
        "after": list(daemon.depends_on),
        "on-success": action,
        "on-failure": action,
        "kill-delay": f"{job.grace}s",
    }
    if not job.backoff:
        keys |= {"backoff-delay": "1ms", "backoff-factor": 1}
    if daemon.user:
        keys["user"] = daemon.user
    if daemon.alive:
        keys["on-check-failure"] = {f"{daemon.name}-alive": "shutdown" if job.policy is Policy.TEARDOWN else "restart"}
    return keys


def checks(daemons: list[Daemon]) -> dict:
    found_checks = {}
    for daemon in daemons:
        for level, program in ("ready", daemon.ready), ("alive", daemon.alive):
            if program:
                # the timeout must be less than the period
                found_checks[f"{daemon.name}-{level}"] = {
                    "override": "replace",
                    "level": level,
                    "period": "1s",
                    "timeout": "900ms",
                    "threshold": 1 if level == "ready" else 2,
                    "exec": {"command": str(program)},
                }
    return found_checks


def client(job: Job, *arguments: str) -> list[str]:
    return ["env", f"PEBBLE={job.directory / 'pebble'}", found("pebble"), *arguments]


def is_ready(container: "Container", name: str) -> bool:
    """That the service is active, and its check up and, because that is how it begins, with a success."""
    services = container.execute(*client(container.job, "services", name)).stdout.decode().split()
    lines = container.execute(*client(container.job, "check", f"{name}-ready")).stdout.decode().splitlines()
    return "active" in services and "status: up" in lines and "successes: 0" not in lines


CHECKS = "its documentation: the process group of a service gets the signals; it does not speak of that of a check"
NOT_CLAIMED = {
    "environment/terminal": "its documentation: services have process groups of their own, not sessions",
    "environment/user_groups_of_its_own": "its documentation: a service has one user and one group",
    "order/probe_children": CHECKS,
    "order/probe_hangs_children": CHECKS,
    "output/before_death": "its documentation promises no order between its own lines and those of a service",
    "restart/leftover_in_group": "its documentation: the process group gets the signals of a stop, not of a death",
    "restart/program_appears": "its documentation: what exits is started again, not what can't be started",
}

SUPERVISOR = Supervisor(
    name="pebble",
    documentation="https://documentation.ubuntu.com/pebble/reference/layer-specification/",
    # its exit codes are 0, 10 and 11; it waits a second, but not for a check, before it starts the next service
    claims=frozenset({Claim.SEVERAL, Claim.RESTART, Claim.TEARDOWN, Claim.STOP_ZERO, Claim.GRACE, Claim.GROUPS})
    | {Claim.OUTPUT, Claim.LABELS, Claim.DEATHS, Claim.BACKOFF, Claim.READINESS, Claim.LIVENESS}
    | {Claim.USER, Claim.ENVIRONMENT, Claim.CONTROL},
    command=command,
    programs=("pebble",),
    version=("pebble", "version", "--client"),
    not_claimed=NOT_CLAIMED,
    label="[NAME] ",
    stamp=(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \[", "["),
    death='Service "NAME" stopped unexpectedly with code',
    is_ready=is_ready,
    stop_command=lambda job, name: client(job, "stop", name),
)
