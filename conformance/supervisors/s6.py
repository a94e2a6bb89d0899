"""s6: one s6-supervise for each daemon, under s6-svscan."""

import shlex
from typing import TYPE_CHECKING

from conformance.job import Daemon, Job, Policy, script
from conformance.supervisor import Claim, Command, Supervisor, found

if TYPE_CHECKING:
    from conformance.container import Container


def command(job: Job) -> Command:
    services = job.directory / "services"
    for daemon in job.daemons:
        directory = services / daemon.name
        script(directory / "run", run(daemon))
        (directory / "timeout-kill").write_text(f"{job.grace * 1000}\n")
        if job.policy is Policy.LEAVE:
            script(directory / "finish", "exit 125")  # 125: do not restart
        if job.policy is Policy.TEARDOWN:
            # the arguments of finish are the exit code (256 after a signal) and the signal
            code = '[ "$1" = 256 ] && code=$((128 + $2)) || code=$1'
            script(
                directory / "finish", f"{code}\necho $code >{job.directory}/code\ns6-svscanctl -t {services}\nexit 125"
            )
        elif job.give_up_after:
            script(directory / "finish", f"exec s6-permafailon 60 {job.give_up_after} 0-255,SIGKILL true")
        if daemon.ready:
            (directory / "notification-fd").write_text("3\n")
            script(directory / "data" / "check", f"exec {daemon.ready}")
        if job.labels:
            # s6-log adds a space after the prefix; -l 0: no limit for lines
            script(directory / "log" / "run", f"exec s6-log -l 0 'p[{daemon.name}]' 1")
    # s6-svscan executes this at its end
    script(services / ".s6-svscan" / "finish", f"exit $(cat {job.directory}/code 2>/dev/null || echo 0)")
    return Command([found("s6-svscan"), "-c", "1000", str(services)])


def run(daemon: Daemon) -> str:
    words = [f"{name}={shlex.quote(value)}" for name, value in daemon.environment.items()]
    start = " ".join(["env", *words, str(daemon.program)]) if words else str(daemon.program)
    if daemon.user:
        start = f"s6-setuidgid {daemon.user} {start}"
    if daemon.ready:
        start = f"s6-notifyoncheck -s 200 -n 0 {start}"
    return f"exec {start} 2>&1"


def is_ready(container: "Container", name: str) -> bool:
    service = container.job.directory / "services" / name
    return container.execute("s6-svstat", "-o", "ready", str(service)).stdout.strip() == b"true"


SUPERVISOR = Supervisor(
    name="s6",
    documentation="https://skarnet.org/software/s6/servicedir.html",
    claims=frozenset(Claim)
    - {
        Claim.DEATHS,
        Claim.BACKOFF,
        Claim.LIVENESS,
        Claim.DEPENDENCIES,
        Claim.ORDERED_STOP,
        Claim.ESCAPES,
        Claim.ALL_DONE,
    }
    - {Claim.FORCE, Claim.CLOSES},
    command=command,
    programs=("s6-svscan", "s6-supervise", "s6-log"),
    version=("dpkg-query", "-W", "s6"),
    label="[NAME] ",
    is_ready=is_ready,
    stop_command=lambda job, name: ["s6-svc", "-d", str(job.directory / "services" / name)],
)
