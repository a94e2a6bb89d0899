"""Which processes of a namespace are daemons, which supervise, and which resources these use."""

import os
from dataclasses import dataclass

from conformance import processes
from conformance.job import IDLE

# Every daemon has one of these among its arguments; all other processes of the namespace supervise.
SLEEPER = IDLE.split()[-1]
WRITER = "writer.py"

# the variable with a daemon's name
NAME = "DAEMON"


@dataclass(frozen=True)
class Memory:
    """In KB. Private: used by these processes only; proportional: shared pages are divided among their users."""

    resident: int
    proportional: int
    private: int


def supervising(init: int) -> list[int]:
    """All processes of the namespace with this PID 1 (as seen from here), except the daemons."""
    found = processes.in_namespace(init)
    return [process.pid for process in found if process.state != "Z" and not _is_daemon(process)]


def daemons(init: int) -> dict[int, str]:
    """The daemons: pid -> name."""
    found = [process.pid for process in processes.in_namespace(init) if _is_daemon(process)]
    return {pid: processes.environment(pid).get(NAME.encode(), b"").decode() for pid in found}


def memory(pids: list[int]) -> Memory:
    total: dict[str, int] = {}
    for pid in pids:
        for line in processes.read(f"/proc/{pid}/smaps_rollup").splitlines()[1:]:
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
            status = processes.read(f"/proc/{pid}/task/{task}/status")
            counts[task] = sum(int(line.split()[1]) for line in status.splitlines() if "ctxt_switches" in line)
    return counts


def cpu(pids: list[int]) -> float:
    """Processor time in seconds, including that of threads that have ended."""
    return sum(processes.processor_seconds(pid) for pid in pids)


def _is_daemon(process: processes.Process) -> bool:
    return SLEEPER in process.arguments or any(os.path.basename(word) == WRITER for word in process.arguments)


def _tasks(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []
