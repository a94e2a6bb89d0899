"""Reads /proc for the processes of one namespace: which of them supervise, and which resources these use."""

import os
from dataclasses import dataclass

# Every daemon has one of these among its arguments; all other processes of the namespace supervise.
SLEEPER = "86399"
WRITER = "writer.py"

TICK = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Memory:
    """In KB. Private: used by these processes only; proportional: shared pages are divided among their users."""

    resident: int
    proportional: int
    private: int


def children(pid: int) -> list[int]:
    return [other for other in _pids() if _parent(other) == pid]


def supervising(init: int) -> list[int]:
    """All processes of the namespace with this PID 1 (as seen from here), except the daemons."""
    return [pid for pid in _namespace(init) if not _is_daemon(pid)]


def daemons(init: int) -> dict[int, str]:
    """The daemons: pid -> name."""
    return {pid: _variable(pid, "DAEMON") for pid in _namespace(init) if _is_daemon(pid)}


def memory(pids: list[int]) -> Memory:
    total = {}
    for pid in pids:
        for line in _read(f"/proc/{pid}/smaps_rollup").splitlines()[1:]:
            key, value = line.split()[:2]
            total[key] = total.get(key, 0) + int(value)
    private = total.get("Private_Clean:", 0) + total.get("Private_Dirty:", 0)
    return Memory(total.get("Rss:", 0), total.get("Pss:", 0), private)


def threads(pids: list[int]) -> int:
    return sum(len(_tasks(pid)) for pid in pids)


def switches(pids: list[int]) -> dict[str, int]:
    """The context switches of each thread, separately, because threads may start or end between two measurements."""
    counts = {}
    for pid in pids:
        for task in _tasks(pid):
            status = _read(f"/proc/{pid}/task/{task}/status")
            counts[task] = sum(int(line.split()[1]) for line in status.splitlines() if "ctxt_switches" in line)
    return counts


def cpu(pids: list[int]) -> float:
    """Processor time in seconds, including that of threads that have ended."""
    total = 0
    for pid in pids:
        fields = _stat(pid)
        if fields:
            total += int(fields[11]) + int(fields[12])
    return total * TICK


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _namespace(init: int) -> list[int]:
    wanted = _link(init)
    # a zombie has no namespace
    return [pid for pid in _pids() if wanted and _link(pid) == wanted]


def _link(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return ""


def _is_daemon(pid: int) -> bool:
    arguments = _read(f"/proc/{pid}/cmdline").split("\0")
    return SLEEPER in arguments or any(os.path.basename(argument) == WRITER for argument in arguments)


def _variable(pid: int, name: str) -> str:
    for entry in _read(f"/proc/{pid}/environ").split("\0"):
        if entry.startswith(name + "="):
            return entry.removeprefix(name + "=")
    return ""


def _tasks(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def _stat(pid: int) -> list[str]:
    """From the third field on, because the second is a name that may contain spaces and parentheses."""
    return _read(f"/proc/{pid}/stat").rpartition(")")[2].split()


def _read(path: str) -> str:
    try:
        with open(path, errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return ""  # the process has ended
