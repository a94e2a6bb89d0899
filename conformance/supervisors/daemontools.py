"""
daemontools: one supervise for each daemon, under svscan.

Both run until they are killed: a script above them, as PID 1, stops the services with `svc -dx`.
"""

from conformance.job import Daemon, Job, Policy, script
from conformance.supervisor import Claim, Command, Supervisor
from conformance.supervisors.scripts import as_init, exports

# a shell has its background jobs ignore INT and QUIT, hence `env`.
# svscan would start each supervise again, so it goes first
INIT = """cd {services}
env --default-signal=INT,QUIT svscan . &
stop() {{
    trap '' TERM INT
    kill $!
    svc -dx ./*
    for service in ./*; do
        while svok "$service"; do sleep 0.1; done
    done
    exit 0
}}
trap stop TERM INT
{begin}wait $!"""
# with the file `down`, supervise waits for the command `once`: after its end, the daemon is not started again
ONCE = """for service in ./*; do
    until svok "$service"; do sleep 0.1; done
    svc -o "$service"
done
"""


def command(job: Job) -> Command:
    services = job.directory / "services"
    for daemon in job.daemons:
        script(services / daemon.name / "run", run(daemon))
        if job.policy is not Policy.RESTART:
            (services / daemon.name / "down").touch()
    begin = "" if job.policy is Policy.RESTART else ONCE
    return Command(as_init(script(job.directory / "init", INIT.format(services=services, begin=begin))))


def run(daemon: Daemon) -> str:
    user = f"setuidgid {daemon.user} " if daemon.user else ""
    return f"{exports(daemon)}exec pgrphack {user}{daemon.program} </dev/null"


SUPERVISOR = Supervisor(
    name="daemontools",
    documentation="https://cr.yp.to/daemontools/faq/create.html",
    claims=frozenset({Claim.SEVERAL, Claim.RESTART, Claim.STOP_ZERO, Claim.RESUME, Claim.OUTPUT, Claim.USER})
    | {Claim.ENVIRONMENT, Claim.CONTROL},
    not_claimed={
        "environment/working_directory": "its documentation: a daemon starts in its service directory",
        "environment/user_groups_of_its_own": "its documentation: `setuidgid` removes all supplementary groups",
    },
    command=command,
    programs=("svscan", "supervise", "svc", "svok", "setuidgid", "pgrphack"),
    version=("dpkg-query", "-W", "daemontools"),
    stop_command=lambda job, name: ["svc", "-d", str(job.directory / "services" / name)],
)
