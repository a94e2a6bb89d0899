"""
runit: one runsv for each daemon, under runsvdir.

Containers have a script above it as PID 1 (baseimage-docker, runsvinit), because runsvdir leaves the services running
on TERM.
"""

from typing import TYPE_CHECKING

from conformance.job import Daemon, Job, Policy, script
from conformance.supervisor import Claim, Command, Supervisor
from conformance.supervisors.scripts import as_init, exports

if TYPE_CHECKING:
    from conformance.container import Container

# a shell has its background jobs ignore INT and QUIT, hence `env`.
# On HUP, runsvdir tells each runsv to exit and exits itself; the second `sv` waits until the loggers have written all
INIT = """cd {services}
env --default-signal=INT,QUIT runsvdir -P . &
stop() {{
    trap '' TERM INT
    sv -w {grace} force-stop ./* >/dev/null
    kill -HUP $!
    sv -w 7 force-shutdown ./* >/dev/null
    exit 0
}}
trap stop TERM INT
wait $!"""


def command(job: Job) -> Command:
    services = job.directory / "services"
    for daemon in job.daemons:
        directory = services / daemon.name
        script(directory / "run", run(daemon, job))
        if daemon.ready:
            script(directory / "check", f"exec {daemon.ready}")
        if job.labels:
            # -l: longer lines are cut; p: the prefix; e*: each line goes to stderr; -*: none goes to the file.
            # Option -r, against control characters, would replace all that is not ASCII, too
            script(directory / "log" / "run", "exec svlogd -l 1000000 -b 1048576 ./main")
            (directory / "log" / "main").mkdir()
            (directory / "log" / "main" / "config").write_text(f"p[{daemon.name}] \ne*\n-*\n")
    init = script(job.directory / "init", INIT.format(services=services, grace=job.grace))
    # runsvdir waits if the directory has changed within the last second
    return Command(as_init(init), setup=f"touch -d @0 {services}")


def run(daemon: Daemon, job: Job) -> str:
    lines = [f"sv start ../{name} >/dev/null || exit 1" for name in daemon.depends_on]
    if job.policy is not Policy.RESTART:
        # -v: waits until runsv has it
        lines.append("sv -v once . >/dev/null")
    user = f"chpst -u {daemon.user} " if daemon.user else ""
    # the logger reads only stdout
    errors = " 2>&1" if job.labels else ""
    return "\n".join([*lines, f"{exports(daemon)}exec {user}{daemon.program} </dev/null{errors}"])


def is_ready(container: "Container", name: str) -> bool:
    service = container.job.directory / "services" / name
    return container.execute("sv", "-w", "1", "check", str(service)).returncode == 0


SUPERVISOR = Supervisor(
    name="runit",
    documentation="https://github.com/phusion/baseimage-docker",
    claims=frozenset({Claim.SEVERAL, Claim.RESTART, Claim.STOP_ZERO, Claim.GRACE, Claim.RESUME, Claim.OUTPUT})
    | {Claim.LABELS, Claim.READINESS, Claim.DEPENDENCIES, Claim.USER, Claim.ENVIRONMENT, Claim.CONTROL},
    not_claimed=dict.fromkeys(
        ("environment/descriptors_of_probes", "order/readiness", "order/probe_hangs"),
        "its documentation: the check runs when someone asks by `sv`, not from time to time",
    )
    | dict.fromkeys(
        ("order/cycle", "order/unknown_dependency"),
        "its documentation: a dependency is a command in the run script, which fails and is tried again",
    )
    | {
        "environment/working_directory": "its documentation: a daemon starts in its service directory",
        "environment/user_groups_of_its_own": "its documentation: the group of the user, or those that `chpst` names",
        "order/dead_is_not_ready": "its documentation: a daemon that runs once and has ended is in its requested state",
    },
    command=command,
    programs=("runsvdir", "runsv", "sv", "svlogd", "chpst"),
    version=("dpkg-query", "-W", "runit"),
    label="[NAME] ",
    is_ready=is_ready,
    stop_command=lambda job, name: ["sv", "down", str(job.directory / "services" / name)],
)
