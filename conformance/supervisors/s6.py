"""
s6: one s6-supervise for each daemon, under s6-svscan, which is PID 1.

Order and dependencies are the task of s6-rc, a package of its own.
"""

from typing import TYPE_CHECKING

from conformance.job import Daemon, Job, Policy, script
from conformance.supervisor import Claim, Command, Supervisor, found
from conformance.supervisors.scripts import exports

if TYPE_CHECKING:
    from conformance.container import Container

# a death by these counts for s6-permafailon
SIGNALS = "SIGABRT,SIGALRM,SIGBUS,SIGFPE,SIGHUP,SIGILL,SIGINT,SIGKILL,SIGPIPE,SIGQUIT,SIGSEGV,SIGSYS,SIGTERM,SIGTRAP"
# what is left of the daemon's process group gets TERM, then KILL; since version 2.13, the fourth argument is the group
GROUP = """group=${4:-$(cat group)}
if kill -TERM "-$group" 2>/dev/null; then
    tries=%d
    while kill -0 "-$group" 2>/dev/null && [ $((tries -= 1)) -ge 0 ]; do sleep 0.1; done
    kill -KILL "-$group" 2>/dev/null
fi"""
# the first death leaves its code and ends the container, as in the documentation of s6-overlay; a stop is no death.
# The arguments are the exit code (256 after a signal) and the signal
END = """if [ "$(s6-svstat -o wantedup .)" = true ]; then
    [ "$1" = 256 ] && code=$((128 + $2)) || code=$1
    [ -e {code} ] || echo "$code" >{code}
    s6-svscanctl -t {services}
fi"""


def command(job: Job) -> Command:
    services = job.directory / "services"
    code = job.directory / "code"
    for daemon in job.daemons:
        directory = services / daemon.name
        script(directory / "run", run(daemon))
        (directory / "timeout-kill").write_text(f"{job.grace * 1000}\n")
        (directory / "timeout-finish").write_text(f"{(job.grace + 5) * 1000}\n")
        finish = [GROUP % (job.grace * 10)]
        if job.policy is Policy.TEARDOWN:
            finish.append(END.format(code=code, services=services))
        if job.policy is not Policy.RESTART:
            finish.append("exit 125")  # do not restart
        elif job.give_up_after:
            finish.append(f"exec s6-permafailon 60 {job.give_up_after} 0-255,{SIGNALS} true")
        script(directory / "finish", "\n".join([*finish, "exit 0"]))
        if daemon.ready:
            (directory / "notification-fd").write_text("3\n")
            script(directory / "data" / "check", f"exec {daemon.ready}")
        if job.labels:
            # s6-log adds a space after the prefix; -l: longer lines are cut
            script(directory / "log" / "run", f"exec s6-log -l 1048576 'p[{daemon.name}]' 1")
    # s6-svscan executes this at its end
    script(services / ".s6-svscan" / "finish", f"exit $(cat {code} 2>/dev/null || echo 0)")
    # the default is 500, loggers included; newer versions have 1000 and no such option
    many = ["-c", "1000"] if len(job.daemons) > 200 else []
    return Command([found("s6-svscan"), *many, str(services)])


def run(daemon: Daemon) -> str:
    start = str(daemon.program)
    if daemon.user:
        start = f"s6-setuidgid {daemon.user} {start}"
    if daemon.ready:
        # -d: the daemon need not reap it; -w: the period; -n 0: without end
        start = f"s6-notifyoncheck -d -w 200 -n 0 {start}"
    # it leads a session, so its PID is the group's number, too
    return f"echo $$ >group\n{exports(daemon)}exec {start} </dev/null 2>&1"


def is_ready(container: "Container", name: str) -> bool:
    service = container.job.directory / "services" / name
    return container.execute("s6-svstat", "-o", "ready", str(service)).stdout.strip() == b"true"


SUPERVISOR = Supervisor(
    name="s6",
    documentation="https://skarnet.org/software/s6/servicedir.html",
    claims=frozenset({Claim.SEVERAL, Claim.RESTART, Claim.TEARDOWN, Claim.EXIT_CODE, Claim.STOP_ZERO, Claim.GRACE})
    | {Claim.RESUME, Claim.GROUPS, Claim.OUTPUT, Claim.LABELS, Claim.GIVE_UP, Claim.READINESS, Claim.USER}
    | {Claim.ENVIRONMENT, Claim.CONTROL},
    not_claimed={
        "environment/working_directory": "its documentation: a daemon starts in its service directory",
        "output/long_lines_memory": "its documentation: a logger holds a line up to the length in -l, here 1 MiB",
        "order/readiness_lost": "its documentation: a daemon notifies once that it is ready, until its next start",
    },
    command=command,
    programs=("s6-svscan", "s6-supervise", "s6-log"),
    version=("dpkg-query", "-W", "s6"),
    label="[NAME] ",
    is_ready=is_ready,
    stop_command=lambda job, name: ["s6-svc", "-d", str(job.directory / "services" / name)],
)
