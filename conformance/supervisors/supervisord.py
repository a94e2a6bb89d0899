"""supervisord, in the foreground as PID 1, with its output on stdout."""

from pathlib import Path

from conformance.job import Daemon, Job, Policy, script
from conformance.supervisor import Claim, Command, Supervisor, found

BASE = """[supervisord]
nodaemon=true
minfds=1
logfile=/dev/null
logfile_maxbytes=0
pidfile={directory}/supervisord.pid
childlogdir={directory}

[unix_http_server]
file={directory}/supervisor.sock
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://{directory}/supervisor.sock
"""
# the way of Supervisor/supervisor#712, to which its maintainers refer
LISTENER = """
[eventlistener:teardown]
command={program}
events=PROCESS_STATE_EXITED,PROCESS_STATE_FATAL
"""


def command(job: Job) -> Command:
    text = BASE.format(directory=job.directory) + "".join(section(daemon, job) for daemon in job.daemons)
    # it stops one group after the other, that of the greatest priority first, but the programs of a group at once
    for level in {depth(daemon, job) for daemon in job.daemons}:
        names = ",".join(daemon.name for daemon in job.daemons if depth(daemon, job) == level)
        text += f"\n[group:level{level}]\nprograms={names}\npriority={level}\n"
    if job.policy is Policy.TEARDOWN:
        # `read` returns after the header of the first event
        program = script(job.directory / "teardown", "echo READY\nwhile read -r header; do kill -TERM $PPID; done")
        text += LISTENER.format(program=program)
    configuration(job).write_text(text)
    # at its start, it looks for a directory for temporary files, even if it is told another for the daemons' output
    return Command([found("supervisord"), "-c", str(configuration(job))], {"TMPDIR": str(job.directory)})


def configuration(job: Job) -> Path:
    return job.directory / "supervisord.conf"


def section(daemon: Daemon, job: Job) -> str:
    options: dict[str, object] = {
        "command": daemon.program,
        "redirect_stderr": "true",
        "stdout_logfile": "/dev/fd/1",
        "stdout_logfile_maxbytes": 0,
        "stopwaitsecs": job.grace,
        "stopasgroup": "true",
        "autorestart": "true" if job.policy is Policy.RESTART else "false",
        # 0: each start counts as a success, so that a restart has no delay
        "startsecs": 0,
    }
    if job.policy is Policy.RESTART and job.give_up_after:
        options |= {"startsecs": 10, "startretries": job.give_up_after - 1}
    elif job.policy is Policy.RESTART and job.backoff:
        # not shorter: it looks once a second, and a death that it sees later is a success
        options |= {"startsecs": 10, "startretries": 1_000_000}
    if daemon.user:
        options["user"] = daemon.user
    if daemon.environment:
        options["environment"] = ",".join(f"{name}={quoted(value)}" for name, value in daemon.environment.items())
    return f"\n[program:{daemon.name}]\n" + "".join(f"{key}={value}\n" for key, value in options.items())


def quoted(value: str) -> str:
    quote = "'" if '"' in value else '"'
    return quote + value.replace("%", "%%") + quote


def depth(daemon: Daemon, job: Job) -> int:
    """The length of the longest chain of dependencies."""
    return max((depth(other, job) + 1 for other in job.daemons if other.name in daemon.depends_on), default=1)


def stop_command(job: Job, name: str) -> list[str]:
    level = next(depth(daemon, job) for daemon in job.daemons if daemon.name == name)
    return [found("supervisorctl"), "-c", str(configuration(job)), "stop", f"level{level}:{name}"]


SUPERVISOR = Supervisor(
    name="supervisord",
    documentation="http://supervisord.org/configuration.html",
    claims=frozenset({Claim.SEVERAL, Claim.RESTART, Claim.TEARDOWN, Claim.STOP_ZERO, Claim.GRACE, Claim.GROUPS})
    | {Claim.OUTPUT, Claim.DEATHS, Claim.BACKOFF, Claim.GIVE_UP, Claim.ORDERED_STOP, Claim.USER, Claim.ENVIRONMENT}
    | {Claim.CONTROL},
    not_claimed={
        "environment/terminal": "it gives a daemon a process group, and says nothing of a session of its own",
        "environment/stdin": "its documentation: a daemon's stdin is a pipe, into which `supervisorctl fg` writes",
        "signals/hangup": "its documentation: HUP stops all daemons and starts them again",
        "restart/leftover_in_group": "its documentation: the process group gets the signals of a stop, not of a death",
    },
    command=command,
    programs=("supervisord", "supervisorctl"),
    version=("supervisord", "--version"),
    death="exited: NAME ",
    stop_command=stop_command,
)
