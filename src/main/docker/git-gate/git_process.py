"""Runs git for as long as it makes progress: it writes something, or it computes."""

import os
import re
import selectors
import subprocess
from collections import defaultdict
from pathlib import Path

STALL_SECONDS = int(os.environ.get("GIT_GATE_STALL_SECONDS") or 120)
PROGRESS = re.compile(
    r"(remote: )?[A-Z][\w ]+: +\d+(% \(\d+/\d+\)|, done)"
)  # `Receiving objects:  45% (9/20), 1.2 MiB`
NO_MESSAGES = (" * ", "   ", "From ", "Total ", "remote: Total ", "Delta compression ")
MAX_ERRORS = 64 << 10


class UpstreamError(Exception):
    """The upstream is unreachable, or it has refused."""


def run(*args, gate=None, report=lambda line: None):
    """Returns what git wrote to stdout. Calls `report` with each line of progress. Ends git when the process behind the
    pidfd `gate` ends."""
    # git forbids ref updates in a quarantine. An upstream in a local directory must not inherit ours.
    environment = {name: value for name, value in os.environ.items() if name != "GIT_QUARANTINE_PATH"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with selectors.DefaultSelector() as selector, subprocess.Popen(["git", *args], env=environment, **pipes) as git:
        out, errors, used = bytearray(), bytearray(), 0.0
        selector.register(git.stdout, selectors.EVENT_READ, out)
        selector.register(git.stderr, selectors.EVENT_READ, errors)
        open_pipes = 2
        if gate is not None:
            selector.register(gate, selectors.EVENT_READ)
        while open_pipes:
            ready = selector.select(STALL_SECONDS)
            if not ready:
                before, used = used, cpu_seconds(git.pid)
                if used - before < STALL_SECONDS / 20:
                    git.terminate()  # git then ends its own children
                    raise UpstreamError(f"git {args[0]}: no progress for {STALL_SECONDS} s")
            for key, _ in ready:
                if key.data is None:
                    git.terminate()
                    raise UpstreamError("git-gate has ended")
                chunk = os.read(key.fd, 65536)
                if not chunk:
                    selector.unregister(key.fileobj)
                    open_pipes -= 1
                key.data.extend(chunk)
                if key.data is errors and chunk:
                    report_last(errors, report)
                    del errors[:-MAX_ERRORS]
    if git.returncode != 0:
        raise UpstreamError(messages(errors) or f"git {args[0]} ended with {git.returncode}")
    return out.decode(errors="surrogateescape")


def report_last(errors, report):
    lines = re.split(r"[\r\n]", errors[-400:].decode(errors="replace"))
    for line in reversed(lines[:-1]):
        if PROGRESS.match(line):
            report(line.strip())
            return


def messages(errors):
    """What git wrote besides its progress."""
    lines = [line.rpartition("\r")[2] for line in errors.decode(errors="surrogateescape").rstrip("\r").split("\n")]
    return "\n".join(
        line for line in lines if line.strip() and not PROGRESS.match(line) and not line.startswith(NO_MESSAGES)
    )


def cpu_seconds(root):
    """The processor time of a process and its descendants: git says nothing while it checks what it has received."""
    ticks, children = {}, defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        pid = int(stat.parent.name)
        children[int(fields[1])].append(pid)
        ticks[pid] = sum(map(int, fields[11:15]))
    pids = [root]
    for pid in pids:
        pids.extend(children[pid])
    return sum(ticks.get(pid, 0) for pid in pids) / os.sysconf("SC_CLK_TCK")
