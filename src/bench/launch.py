"""Runs a peer as PID 1 of a new PID namespace, times the starts of its daemons, and reads its stdout."""

import os
import queue
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import proc

from conformance import job as conformance_job
from conformance import processes
from conformance.job import Daemon, script
from conformance.suite import free_port
from conformance.supervisor import PATH, Command

# as the engines do it
GRACE = 10

# what the PATH has may be a script that looks for the interpreter
PYTHON = os.path.realpath(sys.executable)


class Failed(Exception):
    """The event to measure did not happen."""


class Job(conformance_job.Job):
    """A job whose daemons write a line to the start marker when they start, and do nothing else before."""

    @property
    def start_marker(self) -> Path:
        return self.directory / "start-marker"

    @property
    def start_signal(self) -> Path:
        return self.directory / "start-signal"

    @property
    def names(self) -> list[str]:
        return [daemon.name for daemon in self.daemons]

    def add(self, name: str, commands: str) -> None:
        """Adds a daemon that runs these shell commands."""
        # the variable is how `proc` tells the daemons apart
        program = script(self.directory / "programs" / name, f"export {proc.NAME}={name}\n{commands}")
        self.daemons.append(Daemon(name, program))

    def add_sleepers(self, count: int) -> None:
        for name in (f"d{number:03}" for number in range(count)):
            self.add(name, f"echo {name} >{self.start_marker}\n{conformance_job.IDLE}")


class StartMarker:
    """A FIFO to which each daemon writes a line when it starts. One reader timestamps all lines."""

    def __init__(self, path: Path):
        os.mkfifo(path)
        self._fd = os.open(path, os.O_RDWR)
        self._lines: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
        # a separate thread, so that other work does not delay the timestamps
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        rest = b""
        while True:
            data = os.read(self._fd, 65536)
            now = time.monotonic_ns()
            *lines, rest = (rest + data).split(b"\n")
            for text in lines:
                if text == b"close":
                    return
                self._lines.put((text.decode(), now))

    def next(self, timeout: float) -> tuple[str, int]:
        """The next line and its time (ns), or `queue.Empty`."""
        return self._lines.get(timeout=timeout)

    def close(self) -> None:
        os.write(self._fd, b"\nclose\n")
        self._thread.join(5)
        os.close(self._fd)


class Output:
    """Reads a peer's stdout in a thread, and either keeps it with timestamps or only counts the bytes.

    To count it uses splice(2) to /dev/null, which moves pages without copying: the fastest reader of a pipe, the same
    for all peers. With /dev/null as stdout, writes would cost nothing, which is not the case under an engine.
    """

    def __init__(self, fd: int, keep: bool):
        self._fd = fd
        self._changed = threading.Condition()
        self._chunks: list[tuple[int, bytes]] = []
        self.size = 0
        self.at = 0  # time of the last read
        self.ended = False
        self._thread = threading.Thread(target=self._keep if keep else self._count, daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        while chunk := os.read(self._fd, 1 << 20):
            now = time.monotonic_ns()
            with self._changed:
                self._chunks.append((now, chunk))
                self.size, self.at = self.size + len(chunk), now
                self._changed.notify_all()
        self.ended = True

    def _count(self) -> None:
        null = os.open("/dev/null", os.O_WRONLY)
        while moved := os.splice(self._fd, null, 1 << 20):
            self.size, self.at = self.size + moved, time.monotonic_ns()
        os.close(null)
        self.ended = True

    def text(self) -> bytes:
        with self._changed:
            return b"".join(chunk for _, chunk in self._chunks)

    def time_of(self, pattern: str, since: int, timeout: float) -> int:
        """The time of the first match since then (ns)."""
        wanted = re.compile(pattern.encode())
        end = time.monotonic() + timeout
        with self._changed:
            while True:
                text = b""
                for at, chunk in (one for one in self._chunks if one[0] > since):
                    text += chunk
                    if wanted.search(text):
                        return at
                if time.monotonic() > end:
                    raise Failed(f"no line within {timeout:g} s")
                self._changed.wait(0.1)

    def await_size(self, size: int, idle_seconds: float) -> None:
        """Waits for this many bytes, or until the output stops before."""
        began = time.monotonic_ns()
        while self.size < size and not self.ended and time.monotonic_ns() - max(began, self.at) < idle_seconds * 1e9:
            time.sleep(0.002)

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)
        if not self._thread.is_alive():
            os.close(self._fd)


class Running:
    """A running peer. Leaving the `with` block kills the whole namespace."""

    def __init__(self, job: Job, command: Command, keep: bool = True):
        self.job = job
        self._start_marker = StartMarker(job.start_marker)
        launcher = f'{command.setup}\necho exec >"$BENCH_START_MARKER"\nunset BENCH_START_MARKER\nexec "$@"'
        namespace = ["unshare", "--fork", "--pid", "--mount-proc", "--kill-child"]
        if os.geteuid() != 0:
            namespace.append("--map-root-user")
        reading, writing = os.pipe()
        self._process = subprocess.Popen(
            [*namespace, "sh", "-c", launcher, "sh", *command.arguments],
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
            env={"PATH": PATH, "HOME": "/root", "BENCH_START_MARKER": str(job.start_marker), **command.environment},
        )
        os.close(writing)
        self.out = Output(reading, keep)
        try:
            _, self.began = self.next_marker(10, "start in a new namespace")
            self.init = next(iter(processes.children(self._process.pid)), 0)
            if not self.init:
                raise Failed(f"it has exited: {self._last_words()}")
            self._handle = os.pidfd_open(self.init)
        except BaseException:
            self._kill()
            raise

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_) -> None:
        os.close(self._handle)
        self._kill()

    def _kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self.out.join(5)
        self._start_marker.close()

    def next_marker(self, timeout: float, what: str) -> tuple[str, int]:
        """The next line that a daemon has written to the start marker, and its time (ns)."""
        end = time.monotonic() + timeout
        while True:
            try:
                return self._start_marker.next(max(0, min(1, end - time.monotonic())))
            except queue.Empty:
                if self._process.poll() is not None:
                    raise Failed(f"it has exited: {self._last_words()}") from None
                if time.monotonic() >= end:
                    raise Failed(f"no {what} within {timeout:g} s") from None

    def _last_words(self) -> str:
        lines = self.out.text().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "without a word")

    def await_starts(self, count: int, timeout: float = 30) -> list[int]:
        """The start times of this many daemons (ns), sorted."""
        end = time.monotonic() + timeout
        times: list[int] = []
        while len(times) < count:
            try:
                times.append(self.next_marker(max(0, end - time.monotonic()), "start")[1])
            except Failed as failed:
                if self._process.poll() is not None:
                    raise
                raise Failed(f"{len(times)} of {count} daemons started within {timeout:g} s") from failed
        return sorted(times)

    def kill_daemon(self, name: str) -> int:
        """Kills the daemon and returns the time (ns)."""
        pid = next((pid for pid, daemon in proc.daemons(self.init).items() if daemon == name), None)
        if pid is None:
            raise Failed(f"{name} does not run")
        now = time.monotonic_ns()
        os.kill(pid, signal.SIGKILL)
        return now

    def stop(self, timeout: float = 20) -> float:
        """Sends TERM and returns the milliseconds until the exit."""
        began = time.monotonic_ns()
        os.kill(self.init, signal.SIGTERM)
        if not select.select([self._handle], [], [], timeout)[0]:
            raise Failed(f"still running {timeout:g} s after TERM")
        return (time.monotonic_ns() - began) / 1e6


class Workspace:
    """Makes a temporary directory for each job."""

    def __init__(self) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="bench-"))
        self._directory.chmod(0o755)  # as the suite's
        self._count = 0

    def job(self, **fields) -> Job:
        self._count += 1
        directory = self._directory / str(self._count)
        directory.mkdir()
        return Job(directory, port=free_port(), grace=GRACE, **fields)

    def clear(self) -> None:
        shutil.rmtree(self._directory, ignore_errors=True)
