"""Horust: one file for each service."""

import json
import socket
from typing import TYPE_CHECKING

from conformance.job import Daemon, Job, Policy
from conformance.supervisor import Claim, Command, Supervisor, find, found

if TYPE_CHECKING:
    from conformance.container import Container

RUNNING = 2
NOT_CLAIMED = {
    "environment/user_groups_of_its_own": "its documentation: a service has one user; it does not speak of groups",
    "order/cycle": "its documentation does not speak of circles",
    "order/hung_probe": "its documentation: a check fails by its exit code; it has no time limit for one",
    "order/readiness_lost": "its documentation: when checks fail, a service runs until `max-failed`, and then fails",
}


def command(job: Job) -> Command:
    services = job.directory / "services"
    services.mkdir()
    for daemon in job.daemons:
        (services / f"{daemon.name}.toml").write_text(service(job, daemon))
    options = ["--uds-folder-path", str(job.directory), "--services-path", str(services)]
    if job.policy is Policy.TEARDOWN:
        options.append("--unsuccessful-exit-finished-failed")
    return Command([found("horust"), *options])


def service(job: Job, daemon: Daemon) -> str:
    dependents = [other.name for other in job.daemons if daemon.name in other.depends_on]
    lines = [
        f'name = "{daemon.name}"',
        f'command = "{daemon.program}"',
        f"start-after = {json.dumps(list(daemon.depends_on))}",
        f"shutdown-after = {json.dumps(dependents)}",
        'stdout = "STDOUT"',
        'stderr = "STDOUT"',
    ]
    if daemon.user:
        lines.append(f'user = "{daemon.user}"')
    lines += restart(job)
    if job.policy is Policy.TEARDOWN:
        # with no code for success, each death is a failure
        lines += ["[failure]", 'strategy = "shutdown"', "successful-exit-code = []"]
    if daemon.ready or daemon.alive:
        # the one check that there is says both: the service is ready, and when it has failed too often, hung
        lines += ["[healthiness]", f'command = "{daemon.ready or daemon.alive}"']
        lines += ["max-failed = 2" if daemon.alive else "max-failed = 1000000"]
    elif job.backoff or job.give_up_after:
        # attempts count until a service is healthy, and without a check it is at once
        lines += ["[healthiness]", 'command = "sleep 1"']
    lines += ["[environment]", "keep-env = true"]
    # a dollar sign begins a variable of Horust itself
    variables = ", ".join(
        f"{name} = {json.dumps(value.replace('$', '$$'))}" for name, value in daemon.environment.items()
    )
    lines += [f"additional = {{ {variables} }}"]
    lines += ["[termination]", f'wait = "{job.grace}s"']
    return "\n".join(lines) + "\n"


def restart(job: Job) -> list[str]:
    if job.policy is not Policy.RESTART:
        return ["[restart]", 'strategy = "never"', "attempts = 0"]
    attempts = f"attempts = {job.give_up_after or 1000000}"
    return ["[restart]", 'strategy = "always"', f'backoff = "{"1s" if job.backoff else "0s"}"', attempts]


def is_ready(container: "Container", name: str) -> bool:
    """What `horustctl status` asks, which is not in the package: a request in the form of Protocol Buffers."""
    request = field(1, field(1, field(1, name.encode())))
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            client.connect(str(container.job.directory / "horust-1.sock"))
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: client.recv(4096), b""))
    except OSError:
        return False  # it does not listen yet
    return answer.endswith(field(1, name.encode()) + bytes([2 << 3, RUNNING]))


def field(number: int, content: bytes) -> bytes:
    """A field of bytes that are fewer than 128."""
    return bytes([number << 3 | 2, len(content)]) + content


SUPERVISOR = Supervisor(
    name="horust",
    documentation="https://github.com/FedericoPonzi/Horust/blob/master/docs/README.md",
    claims=frozenset({Claim.SEVERAL, Claim.RESTART, Claim.TEARDOWN, Claim.ALL_DONE, Claim.GRACE, Claim.FORCE})
    | {Claim.OUTPUT, Claim.BACKOFF, Claim.GIVE_UP, Claim.READINESS, Claim.LIVENESS, Claim.DEPENDENCIES}
    | {Claim.ORDERED_STOP, Claim.USER, Claim.ENVIRONMENT, Claim.STOP_ZERO},
    command=command,
    programs=("horust",),
    # it has no option that prints it, but the paths of its sources are in the program
    version=("grep", "--text", "--max-count=1", "--only-matching", "horust-[0-9.]*/src", find("horust") or ""),
    not_claimed=NOT_CLAIMED,
    is_ready=is_ready,
)
