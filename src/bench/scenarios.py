"""The scenarios: each runs all peers in turn, round after round, and keeps every number."""

import json
import os
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import proc
import status
import writer
from launch import PYTHON, Failed, Running, Workspace
from peers import OURS, Peer

from conformance.job import Policy
from conformance.suite import free_port
from conformance.supervisors import sidecar_init

# for the start and the stop of many daemons
PATIENCE = 60

Numbers = dict[str, dict[str, list[float]]]  # peer -> measure -> one number per round

LENGTHS = (10, 100, 10_000)
FEW, MANY = 4, 400

# a peer that has used this many seconds in a measure gets no more rounds than two
BUDGET = 6


@dataclass(frozen=True)
class Cell:
    """kind: what one write(2) is, see the writer; length: bytes a line."""

    kind: str
    writers: int
    length: int

    def __str__(self) -> str:
        return f"{self.kind} {self.writers} {self.length}"


CELLS = [
    Cell("block", 1, 100),
    *(Cell("block", FEW, length) for length in LENGTHS),
    Cell("block", 16, 100),
    Cell("line", FEW, 100),
]


@dataclass
class Bench:
    """The input of a scenario and its results."""

    peers: list[Peer]
    workspace: Workspace
    quick: bool
    numbers: Numbers
    failures: dict[str, str]

    def turns(
        self, rounds: int, measure: str, only: Callable[[Peer], bool] = lambda _: True, key: str = ""
    ) -> Iterator[Peer]:
        """A B A B …, so that other load on the machine affects all peers. A peer that has failed is left out."""
        used = {peer.name: 0.0 for peer in self.peers if only(peer) and not peer.why_not(measure)}
        for number in range(rounds):
            for peer in self.peers:
                failed = f"{peer.name}: {key or measure}" in self.failures
                if peer.name in used and (used[peer.name] < BUDGET or number < 2) and not failed:
                    began = time.monotonic()
                    yield peer
                    used[peer.name] += time.monotonic() - began

    def keep(self, peer: Peer, measure: str, number: float) -> None:
        self.numbers.setdefault(peer.name, {}).setdefault(measure, []).append(round(number, 4))

    def attempt(self, peer: Peer, key: str, run: Callable[..., None], *args) -> None:
        try:
            run(peer, *args)
        except (Failed, *status.UNANSWERED) as failed:
            self.failures[f"{peer.name}: {key}"] = str(failed)
            print(f"  {peer.name}: {key}: {failed}", flush=True)

    def running(self, peer: Peer, count: int = FEW, policy: Policy | None = None) -> Running:
        """The peer with this many idle daemons."""
        job = self.workspace.job(policy=policy or peer.extra.policy)
        job.add_sleepers(count)
        return Running(job, peer.run(job))


def supervises(peer: Peer) -> bool:
    return peer.supervises


def start(bench: Bench) -> None:
    """exec of PID 1 -> exec of the first daemon, of all four -> the peer says that all run."""

    def once(peer: Peer) -> None:
        with bench.running(peer) as running:
            started_at = running.await_starts(FEW)
            bench.keep(peer, "first", (started_at[0] - running.began) / 1e6)
            bench.keep(peer, "all", (started_at[-1] - running.began) / 1e6)
            if not peer.why_not("ready"):
                bench.keep(peer, "ready", (await_ready(peer, running) - running.began) / 1e6)

    def by_flag(peer: Peer) -> None:
        job = bench.workspace.job()
        job.add_sleepers(FEW)
        with Running(job, peer.supervisor.command(job)) as running:
            bench.keep(peer, "first by flag", (running.await_starts(FEW)[0] - running.began) / 1e6)

    def promises(peer: Peer) -> None:
        """The start of a daemon that listens at once -> its line "is ready", with a long period; and `status`."""
        job = bench.workspace.job()
        port = free_port()
        listen = f"import signal, socket; server = socket.create_server(('127.0.0.1', {port})); signal.pause()"
        job.add("d000", f'echo d000 >{job.start_marker}\nexec {PYTHON} -I -S -c "{listen}"')
        command = peer.run(job)
        file = Path(command.environment["CLAUDE_BOTTLE_SIDECAR_CONFIG"])
        bundle = json.loads(file.read_text())
        bundle["daemons"]["d000"]["readiness"] = {"tcp": f"127.0.0.1:{port}", "period": "10s"}
        file.write_text(json.dumps(bundle))
        with Running(job, command) as running:
            started = running.await_starts(1)[0]
            bench.keep(peer, "listening", (running.out.time_of("d000 is ready", started, 10) - started) / 1e6)
            await_ready(peer, running)
            began = time.monotonic_ns()
            url = f"http://127.0.0.1:{job.port}"
            if subprocess.run([sidecar_init.LAUNCHER, "status", "--url", url], stdout=subprocess.DEVNULL).returncode:
                raise Failed("`status` failed")
            bench.keep(peer, "status", (time.monotonic_ns() - began) / 1e6)

    for peer in bench.turns(3 if bench.quick else 11, "start", supervises):
        bench.attempt(peer, "start", once)
        if peer.name == OURS:
            bench.attempt(peer, "start", by_flag)
    for peer in bench.turns(3, "promises", lambda peer: peer.name == OURS):
        bench.attempt(peer, "promises", promises)


def stop(bench: Bench) -> None:
    """TERM -> exit with four obedient daemons; and how many of four daemons can finish that need 200 ms to exit."""

    def obedient(peer: Peer) -> None:
        with bench.running(peer) as running:
            settle(peer, running, FEW)
            bench.keep(peer, "stop", running.stop())

    def slow(peer: Peer) -> None:
        job = bench.workspace.job(policy=peer.extra.policy)
        for number in range(FEW):
            trap = f"trap 'sleep 0.2; echo done >{job.start_marker}; exit 0' TERM"
            job.add(f"d{number:03}", f"{trap}\necho up >{job.start_marker}\nsleep {proc.SLEEPER} &\nwait")
        with Running(job, peer.run(job)) as running:
            settle(peer, running, FEW)
            running.stop()
            finished = 0
            try:
                for _ in range(FEW):
                    running.next_marker(0.05, "marker")
                    finished += 1
            except Failed:
                pass  # they were killed before they finished
            bench.keep(peer, "finished", finished)

    for peer in bench.turns(2 if bench.quick else 5, "stop", supervises):
        bench.attempt(peer, "stop", obedient)
    for peer in bench.turns(1, "finished", supervises):
        bench.attempt(peer, "finished", slow)


def death(bench: Bench) -> None:
    """SIGKILL on a daemon -> the line about it; -> the peer says that it does not run."""

    def victims(peer: Peer) -> tuple[str, ...]:
        # one daemon keeps running, so that no peer exits
        return ("d000",) if peer.extra.ends_together else ("d000", "d001", "d002")

    def line(peer: Peer) -> None:
        with bench.running(peer, policy=Policy.LEAVE) as running:
            settle(peer, running, FEW)
            for daemon in victims(peer):
                killed = running.kill_daemon(daemon)
                pattern = peer.supervisor.death.replace("NAME", daemon)
                bench.keep(peer, "line", (running.out.time_of(pattern, killed, 10) - killed) / 1e6)
                # random, so that a peer that polls ten times a second is not always in the same phase
                time.sleep(0.1 + 0.1 * random.random())

    def down(peer: Peer) -> None:
        with bench.running(peer, policy=Policy.LEAVE) as running:
            settle(peer, running, FEW)
            for daemon in victims(peer):
                killed = running.kill_daemon(daemon)
                bench.keep(peer, "down", (await_down(peer, running, daemon) - killed) / 1e6)
                time.sleep(0.1 + 0.1 * random.random())

    rounds = 2 if bench.quick else 4
    for peer in bench.turns(rounds, "line", supervises):
        bench.attempt(peer, "line", line)
    for peer in bench.turns(rounds, "down", supervises):
        bench.attempt(peer, "down", down)


def restart(bench: Bench) -> None:
    """SIGKILL on a daemon -> it runs again, with the fastest setting of each peer."""

    def once(peer: Peer) -> None:
        with bench.running(peer, policy=Policy.RESTART) as running:
            settle(peer, running, FEW)
            time.sleep(1.1)  # some delay the restart of a daemon that ran for less than a second
            for daemon in ("d000", "d001"):
                killed = running.kill_daemon(daemon)
                bench.keep(peer, "restart", (running.next_marker(10, "restart")[1] - killed) / 1e6)

    for peer in bench.turns(1 if bench.quick else 2, "restart", supervises):
        bench.attempt(peer, "restart", once)


def logs(bench: Bench) -> None:
    """Writers write as fast as they can: how many lines a second come out, and what that costs."""
    for cell in CELLS:
        print(f"  {cell}", flush=True)
        for peer in bench.turns(1, "logs"):
            bench.attempt(peer, f"{cell} checked", measure_logs, bench, cell, 0.1, True)
        key = f"{cell} lines"
        for peer in bench.turns(1 if bench.quick else 2, "logs", key=key):
            bench.attempt(peer, key, measure_logs, bench, cell, 0.3 if bench.quick else 0.5, False)


def measure_logs(peer: Peer, bench: Bench, cell: Cell, seconds: float, keep: bool) -> None:
    """With keep, checks every line and measures no time; without, measures the time and only counts bytes."""
    job = bench.workspace.job(policy=peer.extra.policy, labels=bool(peer.label))
    os.mkfifo(job.start_signal)
    names = [f"w{number:02}" for number in range(cell.writers)]
    for name in names:
        arguments = f"{job.start_marker} {job.start_signal} {name} {cell.kind} {cell.length} {seconds}"
        job.add(name, f"exec {PYTHON} -I -S {writer.__file__} {arguments}")
    start_signal = os.open(job.start_signal, os.O_RDWR)
    try:
        with Running(job, peer.run(job), keep) as running:
            running.await_starts(len(names))
            if not peer.why_not("ready"):
                await_ready(peer, running)
            time.sleep(0.1)
            workers = proc.supervising(running.init)
            before, cpu = running.out.size, proc.cpu(workers)
            began = time.monotonic_ns()
            os.write(start_signal, b"!" * len(names))
            written = dict(running.next_marker(60, "end of writing")[0].split() for _ in names)
            lines = {name: int(size) // cell.length for name, size in written.items()}
            label = {name: peer.label.replace("NAME", name).encode() for name in names}
            expected = sum(int(written[name]) + lines[name] * (len(label[name]) + peer.extra.stamp) for name in names)
            running.out.await_size(before + expected, 2)
            received = min(1, (running.out.size - before) / expected)
            if not received:
                raise Failed("no line came out within 2 s")
            took = (running.out.at - began) / 1e9
            if keep:
                # a peer's own log lines may be late, and they count as bytes
                time.sleep(0.05)
                wanted = {label[name] + writer.line(name, cell.length): lines[name] for name in names}
                check(bench, peer, cell, running.out.text(), wanted)
            else:
                total = sum(lines.values()) * received
                bench.keep(peer, f"{cell} lines", total / took)
                bench.keep(peer, f"{cell} cpu", (proc.cpu(workers) - cpu) / total * 1e6)
                bench.keep(peer, f"{cell} lost", 1 - received)
    finally:
        os.close(start_signal)


def check(bench: Bench, peer: Peer, cell: Cell, text: bytes, expected: dict[bytes, int]) -> None:
    """Counts lines that did not come out intact: lost, or mixed with others."""
    seen: dict[bytes, int] = {}
    for line in peer.supervisor.without_stamp(text).splitlines(keepends=True):
        seen[line] = seen.get(line, 0) + 1
    torn = sum(count - min(count, seen.get(line, 0)) for line, count in expected.items())
    bench.keep(peer, f"{cell} checked", sum(expected.values()))
    bench.keep(peer, f"{cell} torn", torn)


def idle(bench: Bench) -> None:
    """Context switches of all threads, and memory, with four idle daemons. All peers run at once, because none does
    anything, and one after the other would take ten times as long. What a JVM takes differs from start to start."""
    for _ in range(1 if bench.quick else 3):
        started: list[tuple[Peer, Running]] = []
        try:
            for peer in bench.turns(1, "idle", supervises):
                bench.attempt(peer, "idle", begin, bench, started)
            time.sleep(4 if bench.quick else 6)
            watched = [(peer, proc.supervising(running.init)) for peer, running in started]
            before = [proc.switches(pids) for _, pids in watched]
            began = time.monotonic()
            time.sleep(5 if bench.quick else 12)
            for (peer, pids), earlier in zip(watched, before, strict=True):
                later = proc.switches(pids)
                took = time.monotonic() - began
                bench.keep(peer, "switches", sum(n - earlier.get(task, 0) for task, n in later.items()) / took)
            for peer, pids in watched:
                keep_memory(bench, peer, pids, "")
        finally:
            for _, running in started:
                running.__exit__()


def begin(peer: Peer, bench: Bench, started: list[tuple[Peer, Running]]) -> None:
    running = bench.running(peer)
    try:
        settle(peer, running, FEW)
    except BaseException:
        running.__exit__()
        raise
    started.append((peer, running))


def keep_memory(bench: Bench, peer: Peer, pids: list[int], prefix: str) -> None:
    memory = proc.memory(pids)
    bench.keep(peer, f"{prefix}resident", memory.resident)
    bench.keep(peer, f"{prefix}proportional", memory.proportional)
    bench.keep(peer, f"{prefix}private", memory.private)
    bench.keep(peer, f"{prefix}threads", proc.threads(pids))
    bench.keep(peer, f"{prefix}processes", len(pids))


def growth(bench: Bench) -> None:
    """The same bundle with 4 and with 400 daemons."""

    def once(peer: Peer, count: int) -> None:
        with bench.running(peer, count) as running:
            started_at = running.await_starts(count, PATIENCE)
            bench.keep(peer, f"{count} all", (started_at[-1] - running.began) / 1e6)
            if peer.name == OURS:
                await_ready(peer, running)  # Quarkus starts after the daemons
            time.sleep(1)
            keep_memory(bench, peer, proc.supervising(running.init), f"{count} ")
            bench.attempt(peer, f"{count} stop", stopped, running, count)

    def stopped(peer: Peer, running: Running, count: int) -> None:
        bench.keep(peer, f"{count} stop", running.stop(PATIENCE))

    for peer in bench.turns(1, "growth", supervises):
        for count in (FEW, MANY):
            bench.attempt(peer, f"{count} all", once, count)


def settle(peer: Peer, running: Running, count: int) -> None:
    """Waits for this many daemons, and until the start is complete."""
    running.await_starts(count)
    if not peer.why_not("ready"):
        await_ready(peer, running)
    time.sleep(0.3)


def await_ready(peer: Peer, running: Running) -> int:
    """The time when the peer says that all daemons run (ns)."""
    names = running.job.names
    return await_status(peer, running, names, lambda up: up >= set(names), f"word of {len(names)} daemons", 30)


def await_down(peer: Peer, running: Running, daemon: str) -> int:
    """The time when the peer says that the daemon does not run (ns)."""
    return await_status(peer, running, [daemon], lambda up: daemon not in up, "word of its death", 10)


def await_status(
    peer: Peer, running: Running, names: list[str], reached: Callable[[set[str]], bool], what: str, timeout: float
) -> int:
    """Asks again and again."""
    assert peer.extra.status
    answer = peer.extra.status(running.job)
    end = time.monotonic() + timeout
    why = ""
    while time.monotonic() < end:
        try:
            if reached(answer(names)):
                return time.monotonic_ns()
            why = ""
        except status.UNANSWERED as unanswered:
            why = f": {unanswered}"
            time.sleep(0.001)  # it does not listen yet
    raise Failed(f"no {what} within {timeout:g} s{why}")


ALL = {scenario.__name__: scenario for scenario in (start, stop, death, restart, logs, idle, growth)}
