"""
monit, in the foreground, checks every second. Its own ways of starting and stopping are programs that keep a pid file.

Before version 5.35, it shall not be PID 1: its maintainers recommend another init above it. Here that is a script,
which reaps, and has monit stop the daemons before the end.
"""

import shutil

from conformance.container import Container
from conformance.job import Daemon, Job, Policy, script
from conformance.supervisor import Claim, Command, Supervisor
from conformance.supervisors.scripts import as_init, exports

INIT = """env --default-signal=INT,QUIT monit -Ic {file} &
alive() {{
    for pid in $(cat {pids}/* 2>/dev/null); do kill -0 "$pid" 2>/dev/null && return; done
    return 1
}}
stop() {{
    trap '' TERM INT
    monit -c {file} stop all >/dev/null
    tries={tries}
    while alive && [ $((tries -= 1)) -gt 0 ]; do sleep 0.1; done
    monit -c {file} quit >/dev/null
    exit 0
}}
trap stop TERM INT
{begin}wait $!
wait $!"""
# `start all` only once: a daemon may have ended already
BEGIN = """until monit -c {file} summary >/dev/null 2>&1; do sleep 0.1; done
monit -c {file} start all >/dev/null
"""
GLOBAL = """set daemon 1
set pidfile {directory}/monit.pid
set statefile {directory}/state
set idfile {directory}/id
set httpd unixsocket {directory}/monit.sock permission 0600 allow conformance:conformance
"""
# setsid does not fork here: the process in the background leads no group.
# A shell has it ignore INT and QUIT, hence `env`
PROGRAM = """case $1 in
start) setsid env --default-signal=INT,QUIT {program} </dev/null >/dev/null 2>&1 & echo $! >{pid} ;;
stop) kill "$(cat {pid})" ;;
esac"""


def command(job: Job) -> Command:
    pids = job.directory / "pids"
    pids.mkdir()
    pids.chmod(0o777)
    file = job.directory / "monitrc"
    file.write_text(GLOBAL.format(directory=job.directory) + "".join(entry(daemon, job) for daemon in job.daemons))
    file.chmod(0o600)
    # unless it restarts, it does not start either what does not run
    begin = "" if job.policy is Policy.RESTART else BEGIN.format(file=file)
    tries = 50 + len(job.daemons) * job.grace * 10
    init = INIT.format(file=file, pids=pids, tries=tries, begin=begin)
    return Command(as_init(script(job.directory / "init", init)))


def entry(daemon: Daemon, job: Job) -> str:
    pid = job.directory / "pids" / daemon.name
    commands = exports(daemon) + PROGRAM.format(program=daemon.program, pid=pid)
    program = script(job.directory / "monit" / daemon.name, commands)
    user = f' as uid "{daemon.user}" and gid "nogroup"' if daemon.user else ""
    lines = [f'check process {daemon.name} with pidfile "{pid}"']
    # it does nothing else until the daemon runs, or this time is over
    lines.append(f'    start program = "{program} start"{user} with timeout 1 seconds')
    lines.append(f'    stop program = "{program} stop" with timeout {job.grace} seconds')
    lines += [f"    depends on {name}" for name in daemon.depends_on]
    if job.policy is not Policy.RESTART:
        lines.append("    mode passive")
    elif job.give_up_after:
        # the first start counts, too
        lines.append(f"    if {job.give_up_after} restarts within 60 cycles then unmonitor")
    if daemon.ready:
        lines.append(f'check program {daemon.name}-ready with path "{daemon.ready}" timeout 5 seconds')
        lines.append("    if status != 0 then alert")
    if daemon.alive:
        restart = f"{shutil.which('monit')} -c {job.directory}/monitrc restart {daemon.name}"
        lines.append(f'check program {daemon.name}-alive with path "{daemon.alive}" timeout 5 seconds')
        lines.append(f'    if status != 0 for 2 cycles then exec "{restart}"')
    return "\n".join(lines) + "\n"


def is_ready(container: Container, name: str) -> bool:
    monitrc = str(container.job.directory / "monitrc")

    def answer(service: str) -> bytes:
        return container.execute("monit", "-B", "-c", monitrc, "status", service).stdout

    # the probe runs whether or not the process does
    return b"last exit value              0\n" in answer(
        f"{name}-ready"
    ) and b"status                       OK\n" in answer(name)


SUPERVISOR = Supervisor(
    name="monit",
    documentation="https://mmonit.com/monit/documentation/monit.html",
    claims=frozenset({Claim.SEVERAL, Claim.RESTART, Claim.STOP_ZERO, Claim.DEATHS, Claim.GIVE_UP, Claim.READINESS})
    | {Claim.LIVENESS, Claim.ORDERED_STOP, Claim.USER, Claim.ENVIRONMENT, Claim.CONTROL},
    not_claimed={"order/probe_missing": "it refuses a configuration with a program that does not exist"},
    command=command,
    programs=("monit",),
    version=("monit", "--version"),
    death="'NAME' process is not running",
    is_ready=is_ready,
    stop_command=lambda job, name: ["monit", "-c", str(job.directory / "monitrc"), "stop", name],
)
