"""A supervisor that runs as PID 1 of new PID and mount namespaces."""

import contextlib
import os
import re
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from conformance import processes
from conformance.job import Job
from conformance.supervisor import PATH, Supervisor

# how long something may take that usually takes milliseconds: the machine may be busy
PATIENCE = 15


class Violation(Exception):
    """The supervisor does not do what the scenario asks for. The message says what happened instead."""


def expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Violation(otherwise)


class Output:
    """Reads the container's stdout and stderr, which are one pipe, in a thread, and keeps all of it."""

    def __init__(self, fd: int):
        self._fd = fd
        self._kept = bytearray()
        self._reading = threading.Event()
        self._reading.set()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while True:
            self._reading.wait()
            # a timeout, so that a reader that shall pause does not take one more chunk long afterwards
            if select.select([self._fd], [], [], 0.05)[0] and self._reading.is_set():
                chunk = os.read(self._fd, 1 << 20)
                if not chunk:
                    return
                self._kept += chunk

    def pause(self) -> None:
        """Reads no more: the pipe fills."""
        self._reading.clear()

    def resume(self) -> None:
        self._reading.set()

    def bytes(self) -> bytes:
        return bytes(self._kept)

    def count(self, text: bytes) -> int:
        """How often it contains this, without a copy of it all."""
        return self._kept.count(text)

    def is_blocked(self) -> bool:
        """Whether the pipe is full, so that who writes must wait."""
        fd = os.open(f"/proc/self/fd/{self._fd}", os.O_WRONLY | os.O_NONBLOCK)
        try:
            return not select.select([], [fd], [], 0)[1]
        finally:
            os.close(fd)

    def close(self) -> None:
        self.resume()
        self._thread.join(5)
        if not self._thread.is_alive():
            os.close(self._fd)


class Container:
    """
    A running supervisor. The end of the `with` block kills all that is left of it.

    pid: of PID 1, as seen from outside
    """

    def __init__(
        self,
        supervisor: Supervisor,
        job: Job,
        setup: str = "",
        stdout: int | None = None,
        as_pid_1: bool = True,
        user: int = 0,
    ):
        self.supervisor = supervisor
        self.job = job
        job.events.touch()
        job.events.chmod(0o666)
        command = supervisor.command(job)
        began = job.directory / "began"
        os.mkfifo(began)
        launcher = [command.setup, setup, f"echo >{began}\nread go <{began}"]
        if user:
            launcher += [f'set -- setpriv --reuid {user} --regid {user} --clear-groups -- "$@"']
        # with `exec`, what comes before is PID 1 until then; without, it stays PID 1, as an engine's init
        below_shell = "trap 'kill -TERM $!' TERM\n\"$@\" &\nwait $!\nwait $!"
        launcher += ['exec "$@"' if as_pid_1 else below_shell]
        # signals as by default, whatever the suite inherited; and PID 1 leads a session, as an engine makes it, so that
        # a `kill 0` does not hit the suite
        namespaces = ["env", "--default-signal", "unshare", "--fork", "--pid", "--mount-proc", "--kill-child"]
        namespaces.append("setsid")
        reading, writing = os.pipe()
        self.output = Output(reading)
        self._process = subprocess.Popen(
            [*namespaces, "sh", "-c", "\n".join(launcher), "sh", *command.arguments],
            stdin=subprocess.DEVNULL,
            stdout=writing if stdout is None else stdout,
            stderr=writing if stdout is None else stdout,
            env={"PATH": PATH, "HOME": "/root", **command.environment},
            process_group=0,  # a ^C in the terminal is for the suite
        )
        os.close(writing)
        try:
            self._await_setup(began)
            self.pid = processes.children(self._process.pid)[0]
            began.write_text("\n")  # not before, because what it then starts may end at once
        except BaseException:
            self._process.kill()
            raise
        self._began = time.monotonic()

    def _await_setup(self, began: Path) -> None:
        # an open that waits for the writer would wait for ever when the setup fails
        with open(os.open(began, os.O_RDONLY | os.O_NONBLOCK), "rb") as fifo:
            while not select.select([fifo], [], [], 0.1)[0]:
                if not self.running():
                    raise RuntimeError(f"cannot start the container: {self.output.bytes().decode(errors='replace')}")
            os.set_blocking(fifo.fileno(), True)
            fifo.read()

    def __enter__(self) -> "Container":
        return self

    def __exit__(self, *_) -> None:
        # not left to --kill-child, which a change of the user takes away
        if self.running():
            _signal(self.pid, signal.SIGKILL)
        self._process.wait()  # PID 1 has ended when all others in its namespace have
        self.output.close()

    # what happens

    def events(self, prefix: str = "") -> list[str]:
        """The events so far, in their order, or those that begin with this."""
        return [line for line in self.job.events.read_text().splitlines() if line.startswith(prefix)]

    def await_event(self, prefix: str, count: int = 1, within: float = PATIENCE) -> str:
        """The last of so many events that begin with this."""
        self.await_that(lambda: len(self.events(prefix)) >= count, f"{count} x `{prefix}`", within)
        return self.events(prefix)[count - 1]

    def await_starts(self, count: int = 1, within: float = PATIENCE) -> None:
        """Waits until each daemon has started so often."""
        for daemon in self.job.daemons:
            self.await_event(f"{daemon.name} started ", count, within)

    def await_line(self, pattern: str | bytes, within: float = PATIENCE) -> bytes:
        """The first part of the text that matches this regular expression."""
        wanted = re.compile(pattern if isinstance(pattern, bytes) else pattern.encode())
        self.await_that(lambda: bool(wanted.search(self.text())), f"output `{wanted.pattern.decode()}`", within)
        match = wanted.search(self.text())
        assert match
        return match.group()

    def await_that(self, condition: Callable[[], bool], what: str, within: float = PATIENCE) -> None:
        end = time.monotonic() + within
        while not condition():
            expect(time.monotonic() < end, f"no {what} within {within:g} s")
            time.sleep(0.01)

    def text(self) -> bytes:
        """The output so far, without what the supervisor puts before its labels."""
        return self.supervisor.without_stamp(self.output.bytes())

    def lines(self) -> list[bytes]:
        return self.text().splitlines()

    def is_ready(self, name: str) -> bool:
        """Whether the supervisor says that the daemon is ready."""
        assert self.supervisor.is_ready
        return self.supervisor.is_ready(self, name)

    # the end

    def await_program(self) -> None:
        """Waits until the supervisor has replaced the shell that starts it, which takes earlier signals."""
        began = str(self.job.directory / "began")
        self.await_that(lambda: began not in processes.command_line(self.pid), "execution of the supervisor")

    def running(self) -> bool:
        return self._process.poll() is None

    def send(self, number: int) -> None:
        """To PID 1, if it still runs."""
        if self.running():
            _signal(self.pid, number)

    def terminate(self) -> None:
        """TERM to PID 1, which gets a second to finish its start: a stop in the middle of that is another matter."""
        time.sleep(max(0, self._began + 1 - time.monotonic()))
        self.send(signal.SIGTERM)

    def await_exit(self, within: float = PATIENCE) -> int:
        """The exit code of PID 1; 128 + N when signal N ended it."""
        try:
            code = self._process.wait(within)
        except subprocess.TimeoutExpired:
            raise Violation(f"still running after {within:g} s") from None
        return code if code >= 0 else 128 - code

    # its processes

    def processes(self) -> list[processes.Process]:
        return processes.in_namespace(self.pid)

    def zombies(self) -> int:
        return sum(process.state == "Z" for process in self.processes())

    def pid_of(self, name: str) -> int:
        """The process that the last start of the daemon made, as seen from here; 0 if it has ended."""
        inner_pid = int(self.events(f"{name} started ")[-1].split()[-1])
        running = (process for process in self.processes() if process.state != "Z")
        return next((process.pid for process in running if process.inner_pid == inner_pid), 0)

    def live_pid(self, name: str) -> int:
        """The same, of a daemon that must run."""
        pid = self.pid_of(name)
        expect(bool(pid), f"{name} does not run")
        return pid

    def is_alive(self, name: str) -> bool:
        return bool(self.pid_of(name))

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Signals the process of a daemon."""
        try:
            os.kill(self.live_pid(name), number)
        except ProcessLookupError:
            raise Violation(f"{name} does not run") from None

    def supervising(self) -> list[int]:
        """The processes that supervise: all but the daemons and what they have started."""
        found = self.processes()
        started = {int(event.split()[-1]) for event in self.events() if event.split()[1] == "started"}
        daemons = {process.pid for process in found if process.inner_pid in started}
        size = -1
        while size != len(daemons):
            size = len(daemons)
            daemons |= {process.pid for process in found if process.parent in daemons}
        return [process.pid for process in found if process.pid not in daemons and process.state != "Z"]

    def pause(self, seconds: float) -> None:
        """Stops all its processes for this time, as an engine's `pause` does. PID 1 sees none stopped."""
        paused = sorted(self.processes(), key=lambda process: process.inner_pid)
        for process in paused:
            _signal(process.pid, signal.SIGSTOP)
        time.sleep(seconds)
        for process in reversed(paused):
            _signal(process.pid, signal.SIGCONT)

    def resident(self) -> int:
        """The resident memory of the supervising processes in KB."""
        return sum(processes.resident(pid) for pid in self.supervising())

    def await_idle(self, seconds: float, bound: float, within: float = 30) -> None:
        """Waits for so many seconds in which the supervising processes use less processor time than the bound."""
        used = []
        end = time.monotonic() + within
        while time.monotonic() < end:
            before = {pid: processes.processor_seconds(pid) for pid in self.supervising()}
            time.sleep(seconds)
            used.append(sum(processes.processor_seconds(pid) for pid in self.supervising()) - sum(before.values()))
            if used[-1] < bound:
                return
        raise Violation(f"{min(used):.2f} s of processor time in {seconds:g} s at least")

    def execute(self, *command: str, user: str = "") -> "subprocess.CompletedProcess[bytes]":
        """Runs a command in the container, as an engine's `exec` does, and waits for it."""
        enter = ["nsenter", "--target", str(self.pid), "--pid", "--mount"]
        if user:
            enter += ["setpriv", "--reuid", user, "--regid", "nogroup", "--clear-groups"]
        try:
            return subprocess.run(
                [*enter, *command],
                capture_output=True,
                stdin=subprocess.DEVNULL,
                env={"PATH": PATH},
                timeout=60,
                process_group=0,
            )
        except subprocess.TimeoutExpired:
            raise Violation(f"`{command[0]}` in the container does not end") from None


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it has ended
        os.kill(pid, number)
