"""Reads /proc for the processes of one PID namespace."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Process:
    """
    pid: as seen from here
    inner_pid: as seen in the namespace
    parent: its parent's pid, as seen from here
    state: the letter in /proc/PID/stat; Z is a zombie
    """

    pid: int
    inner_pid: int
    parent: int
    state: str
    arguments: tuple[str, ...]


def in_namespace(init: int) -> list[Process]:
    """All processes of the namespace with this PID 1, zombies included; empty when PID 1 has exited."""
    namespace = _namespace(init)
    if not namespace:
        return []
    return [process for pid in _pids() if (process := _process(pid, namespace))]


def children(pid: int) -> list[int]:
    return [other for other in _pids() if _parent_and_state(other)[0] == pid]


def resident(pid: int) -> int:
    """The resident memory in KB."""
    return int((status(pid, "VmRSS") or "0").split()[0])


def descriptors(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


def open_files(pid: int) -> dict[int, str]:
    """Descriptor -> what it is."""
    found = {}
    try:
        for number in os.listdir(f"/proc/{pid}/fd"):
            found[int(number)] = os.readlink(f"/proc/{pid}/fd/{number}")
    except OSError:
        pass  # the process has ended, or has closed it meanwhile
    return found


def environment(pid: int) -> dict[bytes, bytes]:
    """The variables that the process was started with."""
    variables = os.fsencode(read(f"/proc/{pid}/environ")).split(b"\0")
    return dict(variable.split(b"=", 1) for variable in variables if b"=" in variable)


def limits(pid: int, key: str) -> tuple[str, ...]:
    """The soft and the hard limit in /proc/PID/limits with this name, such as `Max open files`."""
    for line in read(f"/proc/{pid}/limits").splitlines():
        if line.startswith(f"{key} "):
            return tuple(line.removeprefix(key).split()[:2])
    return ()


def terminal(pid: int) -> int:
    """The number of its controlling terminal, 0 without one."""
    fields = _stat(pid)
    return int(fields[4]) if fields else 0


def processor_seconds(pid: int) -> float:
    """The time that all its threads have used."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0


def delayed_seconds(pid: int) -> float:
    """The time that its first thread was ready to run, but had no processor."""
    fields = read(f"/proc/{pid}/schedstat").split()
    return int(fields[1]) / 1e9 if fields else 0


def status(pid: int, key: str) -> str:
    """A line of /proc/PID/status, such as SigBlk."""
    for line in read(f"/proc/{pid}/status").splitlines():
        name, _, value = line.partition(":")
        if name == key:
            return value.strip()
    return ""


def signal_set(pid: int, key: str) -> int:
    """A set of signals in /proc/PID/status, such as SigBlk, without the two that the C library keeps for itself."""
    return int(status(pid, key) or "0", 16) & ~0x180000000


def name(pid: int) -> str:
    """The name of the program that the process executes (15 characters at most)."""
    return read(f"/proc/{pid}/comm").strip()


def command_line(pid: int) -> str:
    """Its arguments, separated by NUL."""
    return read(f"/proc/{pid}/cmdline")


def _process(pid: int, namespace: str) -> Process | None:
    if _namespace(pid) != namespace:
        return None
    numbers = status(pid, "NSpid").split()
    if not numbers:
        return None  # it has ended
    arguments = tuple(command_line(pid).split("\0")[:-1])
    return Process(pid, int(numbers[-1]), *_parent_and_state(pid), arguments)


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _namespace(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return ""


def _parent_and_state(pid: int) -> tuple[int, str]:
    fields = _stat(pid)
    return (int(fields[1]), fields[0]) if fields else (0, "")


def _stat(pid: int) -> list[str]:
    """From the third field on, because the second is a name that may contain spaces and parentheses."""
    return read(f"/proc/{pid}/stat").rpartition(")")[2].split()


def read(path: str) -> str:
    """A file of /proc; empty when the process has ended."""
    try:
        with open(path, errors="surrogateescape", newline="") as file:
            return file.read()
    except OSError:
        return ""
