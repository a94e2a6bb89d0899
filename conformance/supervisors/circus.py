"""circus: one watcher with one process for each daemon."""

from conformance.job import Daemon, Job, Policy
from conformance.supervisor import Claim, Command, Supervisor, found


def command(job: Job) -> Command:
    lines = [
        "[circus]",
        f"endpoint = {endpoint(job)}",
        f"pubsub_endpoint = ipc://{job.directory}/events.sock",
        # else its own lines are on stdout, among those of the daemons
        f"logoutput = {job.directory}/log",
        # how often it looks for processes that have died
        f"check_delay = {0.5 if job.policy is Policy.RESTART and not job.give_up_after else 1}",
    ]
    if job.give_up_after:
        # the first start is not counted
        lines += ["[plugin:flapping]", "use = circus.plugins.flapping.Flapping", f"attempts = {job.give_up_after - 1}"]
        lines += ["window = 60"]
    for daemon in job.daemons:
        lines += watcher(job, daemon)
    file = job.directory / "circus.ini"
    file.write_text("\n".join(lines) + "\n")
    return Command([found("circusd"), str(file)])


def endpoint(job: Job) -> str:
    return f"ipc://{job.directory}/control.sock"


def watcher(job: Job, daemon: Daemon) -> list[str]:
    lines = [
        f"[watcher:{daemon.name}]",
        f"cmd = {daemon.program}",
        "copy_env = True",
        f"graceful_timeout = {job.grace}",
        "stop_children = True",
        f"respawn = {job.policy is Policy.RESTART}",
        "max_retry = -1",
    ]
    if job.give_up_after:
        lines.append("flapping.max_retry = 0")
    if daemon.user:
        lines.append(f"uid = {daemon.user}")
    if daemon.environment:
        lines += [f"[env:{daemon.name}]"]
        lines += [f"{name} = {value}" for name, value in daemon.environment.items()]
    return lines


NOT_CLAIMED = {
    "environment/variables_quoting": "its documentation: an INI file, in which `$NAME` is replaced; it has no quotes",
    "restart/leftover_in_group": "its documentation: children get the signal of a stop, not of a death",
}

SUPERVISOR = Supervisor(
    name="circus",
    documentation="https://circus.readthedocs.io/en/latest/for-ops/configuration/",
    claims=frozenset({Claim.SEVERAL, Claim.RESTART, Claim.GRACE, Claim.GROUPS, Claim.OUTPUT, Claim.GIVE_UP})
    | {Claim.CLOSES, Claim.USER, Claim.ENVIRONMENT, Claim.CONTROL, Claim.STOP_ZERO},
    command=command,
    programs=("circusd", "circusctl"),
    version=("circusd", "--version"),
    not_claimed=NOT_CLAIMED,
    stop_command=lambda job, name: [found("circusctl"), "--endpoint", endpoint(job), "stop", name],
)
