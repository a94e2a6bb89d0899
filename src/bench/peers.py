"""The peers: how to find each one and run a job with it as PID 1. Nothing is installed."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from launch import PATH, Command, Job, script

TOP = Path(__file__).resolve().parents[2]

OURS = "sidecar-init"
BASELINE = "Python script"
CAT = "cat"

NO_RESTART = "no restarts"
NO_PAGE = "no health page"
SILENT = "logs nothing"
UNLABELLED = "the daemons write to its stdout directly, without labels"
INIT_ONLY = {"ready": NO_PAGE, "down": NO_PAGE, "line": SILENT, "restart": NO_RESTART, "logs": UNLABELLED}


@dataclass(frozen=True)
class Peer:
    """
    needs: the programs that it needs; ours and the script have other requirements
    death: the pattern of its line about a death, with NAME for the daemon
    label: the text before each line of a daemon, with NAME for the daemon
    unsupported: measure -> the reason
    """

    name: str
    run: Callable[[Job], Command]
    needs: tuple[str, ...] = ()
    version: tuple[str, ...] = ()
    death: str = ""
    label: str = ""
    supervises: bool = True
    unsupported: dict[str, str] = field(default_factory=dict)


def ours(job: Job) -> Command:
    """The bundle file by the variable."""
    file, environment = bundle_file(job)
    return Command([str(TOP / "sidecar-init")], {"CLAUDE_BOTTLE_SIDECAR_CONFIG": str(file), **environment})


def ours_by_flag(job: Job) -> Command:
    """The bundle file by the flag."""
    file, environment = bundle_file(job)
    return Command([str(TOP / "sidecar-init"), "--config", str(file)], environment)


def bundle_file(job: Job) -> tuple[Path, dict[str, str]]:
    bundle = {"daemons": {daemon.name: {"command": [daemon.program]} for daemon in job.daemons}}
    if job.restart:
        bundle |= {"failure_policy": "restart", "restart": {"initial_delay": "0s"}}
    file = job.directory / "bundle.yaml"
    file.write_text(json.dumps(bundle, indent=1))  # JSON is YAML
    java = {"JAVA_HOME": os.environ["JAVA_HOME"]} if "JAVA_HOME" in os.environ else {}
    return file, {"QUARKUS_HTTP_PORT": str(job.port), **java}


def baseline(job: Job) -> Command:
    daemons = json.dumps({daemon.name: [daemon.program] for daemon in job.daemons})
    return Command([os.path.realpath(sys.executable), os.environ["BASELINE"]], {"SIDECAR_BASELINE_DAEMONS": daemons})


def bash(job: Job) -> Command:
    # bash as PID 1 ignores TERM without a trap
    return Command(["bash", "-c", "trap 'kill $(jobs -p); wait; exit 0' TERM\n" + in_background(job)])


def tini(job: Job) -> Command:
    return Command(["tini", "-g", "--", "sh", "-c", in_background(job)])


def dumb_init(job: Job) -> Command:
    return Command(["dumb-init", "--", "sh", "-c", in_background(job)])


def in_background(job: Job) -> str:
    return "\n".join(f"{daemon.program} &" for daemon in job.daemons) + "\nwait"


def s6(job: Job) -> Command:
    services = job.directory / "services"
    for daemon in job.daemons:
        script(services / daemon.name / "run", f"exec {daemon.program} 2>&1")
        if job.measures_logs:
            # s6-log adds a space after the prefix; -l 0: no limit for lines
            script(services / daemon.name / "log" / "run", f"exec s6-log -l 0 'p[{daemon.name}]' 1")
    # s6-svscan executes this at its end
    script(services / ".s6-svscan" / "finish", "exit 0")
    return Command(["s6-svscan", "-c", "1000", str(services)])


def runit(job: Job) -> Command:
    services = job.directory / "services"
    for daemon in job.daemons:
        script(services / daemon.name / "run", f"exec {daemon.program} 2>&1")
    # runsvdir waits if the directory has changed within the last second
    os.utime(services, (0, 0))
    # on TERM, runsvdir would leave its services running
    stop = f"sv -w 7 force-stop {services}/* >/dev/null; kill -HUP $!"
    return Command(["sh", "-c", f"runsvdir {services} &\ntrap '{stop}' TERM\nwait $!\nwait $!"])


def supervisord(job: Job) -> Command:
    directory = job.directory
    text = f"[supervisord]\nnodaemon=true\nuser=root\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile={directory}/pid\n"
    for daemon in job.daemons:
        text += f"[program:{daemon.name}]\ncommand={daemon.program}\nstartsecs=0\nautorestart={job.restart}\n"
        text += "redirect_stderr=true\nstdout_logfile=/dev/fd/1\nstdout_logfile_maxbytes=0\n"
    file = directory / "supervisord.conf"
    file.write_text(text)
    return Command(["supervisord", "-n", "-c", str(file)])


def busybox(job: Job) -> Command:
    # busybox reads only /etc/inittab, so it gets its own /etc, visible in the namespace only
    etc = job.directory / "etc"
    etc.mkdir()
    for name in ("passwd", "group", "ld.so.cache"):
        if Path("/etc", name).exists():
            shutil.copy(Path("/etc", name), etc)
    (etc / "inittab").write_text("".join(f"::respawn:{daemon.program}\n" for daemon in job.daemons))
    return Command(["busybox", "init"], setup=f"mount --bind {shlex.quote(str(etc))} /etc")


def cat(job: Job) -> Command:
    """One cat for each pipe, all with the same stdout."""
    return Command(["sh", "-c", "\n".join(f"{daemon.program} | cat &" for daemon in job.daemons) + "\nwait"])


ALL = (
    Peer(OURS, ours, death="sidecar-init: NAME exited with code 137", label="[NAME] "),
    Peer(
        BASELINE,
        baseline,
        death="sidecar-init: NAME exited with code -9",
        label="[NAME] ",
        unsupported={"ready": NO_PAGE, "down": NO_PAGE, "restart": NO_RESTART},
    ),
    Peer(
        "bash wait",
        bash,
        ("bash",),
        ("bash", "--version"),
        unsupported=INIT_ONLY,
    ),
    Peer(
        "tini + sh",
        tini,
        ("tini",),
        ("tini", "--version"),
        unsupported=INIT_ONLY,
    ),
    Peer(
        "dumb-init + sh",
        dumb_init,
        ("dumb-init",),
        ("dumb-init", "--version"),
        unsupported=INIT_ONLY,
    ),
    Peer(
        "s6",
        s6,
        ("s6-svscan", "s6-supervise", "s6-log"),
        ("dpkg-query", "-W", "s6"),
        label="[NAME] ",
        unsupported={"ready": NO_PAGE, "down": NO_PAGE, "line": SILENT},
    ),
    Peer(
        "runit",
        runit,
        ("runsvdir", "runsv", "sv"),
        ("dpkg-query", "-W", "runit"),
        unsupported={"ready": NO_PAGE, "down": NO_PAGE, "line": SILENT, "logs": "its logger writes to files only"},
    ),
    Peer(
        "supervisord",
        supervisord,
        ("supervisord",),
        ("supervisord", "--version"),
        death="exited: NAME ",
        unsupported={"ready": NO_PAGE, "down": NO_PAGE},
    ),
    Peer(
        "busybox init",
        busybox,
        ("busybox",),
        ("busybox",),
        unsupported={"ready": NO_PAGE, "down": NO_PAGE, "line": "logs to a console or syslog only", "logs": UNLABELLED},
    ),
    Peer(CAT, cat, ("cat",), ("cat", "--version"), supervises=False),
)


def available() -> tuple[list[Peer], dict[str, str]]:
    """The peers that can run on this machine, and why the others can't."""
    found, absent = [], {}
    for peer in ALL:
        missing = [program for program in peer.needs if not shutil.which(program, path=PATH)]
        if peer.name == BASELINE and not os.path.isfile(os.environ.get("BASELINE", "")):
            absent[peer.name] = "`BASELINE` names no file"
        elif missing:
            absent[peer.name] = f"no `{missing[0]}` on this machine"
        else:
            found.append(peer)
    return found, absent


def version(peer: Peer) -> str:
    if peer.name == OURS:
        command = (str(TOP / "sidecar-init"), "--version")
    elif peer.name == BASELINE:
        return f"Python {sys.version.split()[0]}"
    else:
        command = peer.version
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, "PATH": PATH})
    except OSError:
        return "?"
    number = re.search(r"\d+(\.\d+)+[-\w.]*", result.stdout + result.stderr)
    return number.group() if number else "?"
