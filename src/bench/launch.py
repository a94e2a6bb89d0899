"""Starts something as PID 1 of a fresh PID namespace, hears its daemons ring a bell, and reads its stdout."""

import os
import queue
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import proc

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Failed(Exception):
    """What was to be measured did not happen."""


@dataclass(frozen=True)
class Daemon:
    name: str
    program: str


@dataclass
class Job:
    """What a peer is to run."""

    directory: Path
    daemons: list[Daemon] = field(default_factory=list)
    restart: bool = False
    carry: bool = False  # the daemons' output is what is measured
    port: int = 0

    @property
    def bell(self) -> Path:
        return self.directory / "bell"

    @property
    def go(self) -> Path:
        return self.directory / "go"

    def add(self, name: str, commands: str) -> None:
        """A script for each daemon: no peer's configuration has then anything to quote."""
        self.daemons.append(
            Daemon(name, str(script(self.directory / "daemons" / name, f"export DAEMON={name}\n{commands}")))
        )

    def add_sleepers(self, count: int) -> None:
        for name in (f"d{number:03}" for number in range(count)):
            self.add(name, f"echo {name} >{self.bell}\nexec sleep {proc.SLEEPER}")


@dataclass(frozen=True)
class Command:
    """How a peer is told to run a job; the setup runs in its namespace, before the clock."""

    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    setup: str = ""


def script(path: Path, commands: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{commands}\n")
    path.chmod(0o755)
    return path


class Bell:
    """A FIFO into which a daemon writes a line as its first act. It is heard here, so that all have the same clock."""

    def __init__(self, path: Path):
        os.mkfifo(path)
        self._fd = os.open(path, os.O_RDWR)
        self._heard: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
        # a thread, so that nothing else that is done here makes it hear late
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
                self._heard.put((text.decode(), now))

    def next(self, timeout: float, what: str) -> tuple[str, int]:
        """The next line, and when it was heard (ns)."""
        try:
            return self._heard.get(timeout=timeout)
        except queue.Empty:
            raise Failed(f"no {what} within {timeout:g} s") from None

    def close(self) -> None:
        os.write(self._fd, b"\nclose\n")
        self._thread.join(5)
        os.close(self._fd)


class Output:
    """Reads a peer's stdout in a thread: keeps it with the times, or only counts it.

    Counting is done by splice(2) to /dev/null, which moves pages and copies nothing: the quickest reader that a pipe can
    have, the same for all. /dev/null itself as stdout would take a write without looking at it, which no engine does.
    """

    def __init__(self, fd: int, keep: bool):
        self._fd = fd
        self._changed = threading.Condition()
        self._chunks: list[tuple[int, bytes]] = []
        self.size = 0
        self.at = 0  # when the last of it came
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
        nowhere = os.open("/dev/null", os.O_WRONLY)
        while moved := os.splice(self._fd, nowhere, 1 << 20):
            self.size, self.at = self.size + moved, time.monotonic_ns()
        os.close(nowhere)
        self.ended = True

    def text(self) -> bytes:
        with self._changed:
            return b"".join(chunk for _, chunk in self._chunks)

    def when(self, pattern: str, timeout: float) -> int:
        """When the first line that matches came (ns)."""
        wanted = re.compile(pattern.encode())
        end = time.monotonic() + timeout
        with self._changed:
            while True:
                text = b""
                for at, chunk in self._chunks:
                    text += chunk
                    if wanted.search(text):
                        return at
                if time.monotonic() > end:
                    raise Failed(f"no line within {timeout:g} s")
                self._changed.wait(0.1)

    def await_size(self, size: int, patience: float) -> bool:
        """Waits until so much has come; false when nothing more comes."""
        while self.size < size:
            if self.ended or time.monotonic_ns() - self.at > patience * 1e9:
                return self.size >= size
            time.sleep(0.002)
        return True

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)
        if not self._thread.is_alive():
            os.close(self._fd)


class Running:
    """A peer at work. Leaving the `with` kills the whole namespace."""

    def __init__(self, job: Job, command: Command, keep: bool = True):
        self.job = job
        self.bell = Bell(job.bell)
        become = f'{command.setup}\necho exec >"$BENCH_BELL"\nunset BENCH_BELL\nexec "$@"'
        namespace = ["unshare", "--fork", "--pid", "--mount-proc", "--kill-child"]
        if os.geteuid() != 0:
            namespace.append("--map-root-user")
        reading, writing = os.pipe()
        self._process = subprocess.Popen(
            [*namespace, "sh", "-c", become, "sh", *command.arguments],
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
            env={"PATH": PATH, "HOME": "/root", "BENCH_BELL": str(job.bell), **command.environment},
        )
        os.close(writing)
        self.out = Output(reading, keep)
        try:
            _, self.began = self.bell.next(10, "start in a namespace of its own")
            self.init = proc.children(self._process.pid)[0]
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
        self.bell.close()

    def rung(self, count: int, timeout: float = 30) -> list[int]:
        """When each of so many daemons rang (ns)."""
        return sorted(self.bell.next(timeout, f"{count} daemons")[1] for _ in range(count))

    def kill_daemon(self, name: str) -> int:
        """Kills it, and says when (ns)."""
        pid = next((pid for pid, daemon in proc.daemons(self.init).items() if daemon == name), None)
        if pid is None:
            raise Failed(f"{name} is not there")
        now = time.monotonic_ns()
        os.kill(pid, signal.SIGKILL)
        return now

    def stop(self, timeout: float = 20) -> float:
        """TERM, and the ms until it was gone."""
        began = time.monotonic_ns()
        os.kill(self.init, signal.SIGTERM)
        if not select.select([self._handle], [], [], timeout)[0]:
            raise Failed(f"still there {timeout:g} s after TERM")
        return (time.monotonic_ns() - began) / 1e6


class Workshop:
    """A temporary directory for each job."""

    def __init__(self) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="bench-"))
        self._count = 0

    def job(self, **what) -> Job:
        self._count += 1
        directory = self._directory / str(self._count)
        directory.mkdir()
        return Job(directory, port=free_port(), **what)

    def clear(self) -> None:
        shutil.rmtree(self._directory, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
