"""What /proc tells of the processes of one namespace: which of them supervise, and what these use."""

import os
from dataclasses import dataclass

# What every daemon of ours has among its arguments; whatever else lives in the namespace supervises.
SLEEPER = "86399"
WRITER = "writer.py"

TICK = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Memory:
    """In KB. Private: what would be free if they were gone; proportional: shared pages divided among those who share."""

    resident: int
    proportional: int
    private: int


def children(pid: int) -> list[int]:
    return [other for other in _pids() if _parent(other) == pid]


def supervising(init: int) -> list[int]:
    """All processes of the namespace whose PID 1 this is (as we see it), but the daemons."""
    return [pid for pid in _namespace(init) if not _is_daemon(pid)]


def daemons(init: int) -> dict[int, str]:
    """The pids of the daemons, and the names that they were started with."""
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
    """Context switches so far, of each thread: one that comes or goes in between must not spoil the difference."""
    counts = {}
    for pid in pids:
        for task in _tasks(pid):
            status = _read(f"/proc/{pid}/task/{task}/status")
            counts[task] = sum(int(line.split()[1]) for line in status.splitlines() if "ctxt_switches" in line)
    return counts


def cpu(pids: list[int]) -> float:
    """Seconds of processor time so far, those of threads that have ended included."""
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
    # a dead one that waits to be reaped has no namespace any more
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
    """From the third field on: the second is a name, which may hold blanks and parentheses."""
    return _read(f"/proc/{pid}/stat").rpartition(")")[2].split()


def _read(path: str) -> str:
    try:
        with open(path, errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return ""  # gone meanwhile
