"""The scenarios: each runs all peers in turn, round after round, and keeps every number."""

import http.client
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import proc
import writer
from launch import Failed, Job, Running, Workspace
from peers import OURS, Peer, ours_by_flag

Numbers = dict[str, dict[str, list[float]]]  # peer -> measure -> one number per round

WRITERS = (1, 4, 16)
LENGTHS = (10, 100, 10_000)
FEW, MANY = 4, 400


@dataclass
class Bench:
    """The input of a scenario and its results."""

    peers: list[Peer]
    workspace: Workspace
    quick: bool
    numbers: Numbers
    failures: dict[str, str]

    def turns(self, rounds: int, measure: str, only: Callable[[Peer], bool] = lambda _: True) -> Iterator[Peer]:
        """A B A B …, so that other load on the machine affects all peers. A peer that has failed is left out."""
        for _ in range(rounds):
            for peer in self.peers:
                if measure not in peer.unsupported and only(peer) and f"{peer.name}: {measure}" not in self.failures:
                    yield peer

    def keep(self, peer: Peer, measure: str, number: float) -> None:
        self.numbers.setdefault(peer.name, {}).setdefault(measure, []).append(round(number, 4))

    def attempt(self, peer: Peer, measure: str, run: Callable[..., None], *args) -> None:
        try:
            run(peer, *args)
        except Failed as failed:
            self.failures[f"{peer.name}: {measure}"] = str(failed)
            print(f"  {peer.name}: {failed}", flush=True)


def supervises(peer: Peer) -> bool:
    return peer.supervises


def start(bench: Bench) -> None:
    """exec of PID 1 -> exec of the first daemon, of all four -> ready."""

    def once(peer: Peer) -> None:
        job = bench.workspace.job()
        job.add_sleepers(FEW)
        with Running(job, peer.run(job)) as running:
            started_at = running.await_starts(FEW)
            bench.keep(peer, "first", (started_at[0] - running.began) / 1e6)
            bench.keep(peer, "all", (started_at[-1] - running.began) / 1e6)
            if "ready" not in peer.unsupported:
                bench.keep(peer, "ready", (await_ready(job) - running.began) / 1e6)

    def by_flag(peer: Peer) -> None:
        job = bench.workspace.job()
        job.add_sleepers(FEW)
        with Running(job, ours_by_flag(job)) as running:
            bench.keep(peer, "first by flag", (running.await_starts(FEW)[0] - running.began) / 1e6)

    for peer in bench.turns(3 if bench.quick else 11, "start", supervises):
        bench.attempt(peer, "start", once)
        if peer.name == OURS:
            bench.attempt(peer, "start", by_flag)


def stop(bench: Bench) -> None:
    """TERM -> exit with four obedient daemons; and how many of four daemons can finish that need 200 ms to exit."""

    def obedient(peer: Peer) -> None:
        job = bench.workspace.job()
        job.add_sleepers(FEW)
        with Running(job, peer.run(job)) as running:
            settle(peer, job, running, FEW)
            bench.keep(peer, "stop", running.stop())

    def slow(peer: Peer) -> None:
        job = bench.workspace.job()
        for number in range(FEW):
            trap = f"trap 'sleep 0.2; echo done >{job.start_marker}; exit 0' TERM"
            job.add(f"d{number:03}", f"{trap}\necho up >{job.start_marker}\nsleep {proc.SLEEPER} &\nwait")
        with Running(job, peer.run(job)) as running:
            settle(peer, job, running, FEW)
            running.stop()
            finished = 0
            try:
                for _ in range(FEW):
                    running.start_marker.next(0.05, "marker")
                    finished += 1
            except Failed:
                pass  # they were killed before they finished
            bench.keep(peer, "finished", finished)

    for peer in bench.turns(2 if bench.quick else 5, "stop", supervises):
        bench.attempt(peer, "stop", obedient)
    for peer in bench.turns(1, "finished", supervises):
        bench.attempt(peer, "finished", slow)


def death(bench: Bench) -> None:
    """SIGKILL on a daemon -> the line about it; -> its health check is DOWN."""

    def line(peer: Peer) -> None:
        job = bench.workspace.job()
        job.add_sleepers(FEW)
        with Running(job, peer.run(job)) as running:
            settle(peer, job, running, FEW)
            # one daemon keeps running, so that no peer exits
            for daemon in ("d000", "d001", "d002"):
                killed = running.kill_daemon(daemon)
                pattern = peer.death.replace("NAME", daemon)
                bench.keep(peer, "line", (running.out.time_of(pattern, 5) - killed) / 1e6)
                # random, so that a peer that polls ten times a second is not always in the same phase
                time.sleep(0.1 + 0.1 * random.random())

    def down(peer: Peer) -> None:
        job = bench.workspace.job()
        job.add_sleepers(FEW)
        with Running(job, peer.run(job)) as running:
            settle(peer, job, running, FEW)
            for daemon in ("d000", "d001", "d002"):
                bench.keep(peer, "down", (await_down(job, running.kill_daemon(daemon), daemon)) / 1e6)

    rounds = 2 if bench.quick else 5
    for peer in bench.turns(rounds, "line", supervises):
        bench.attempt(peer, "line", line)
    for peer in bench.turns(rounds, "down", supervises):
        bench.attempt(peer, "down", down)


def restart(bench: Bench) -> None:
    """SIGKILL on a daemon -> it runs again, with the fastest setting of each peer."""

    def once(peer: Peer) -> None:
        job = bench.workspace.job(restart=True)
        job.add_sleepers(FEW)
        with Running(job, peer.run(job)) as running:
            settle(peer, job, running, FEW)
            time.sleep(1.1)  # s6 and runit delay the restart of a daemon that ran for less than a second
            for daemon in ("d000", "d001"):
                killed = running.kill_daemon(daemon)
                bench.keep(peer, "restart", (running.start_marker.next(10, "restart")[1] - killed) / 1e6)

    for peer in bench.turns(1 if bench.quick else 3, "restart", supervises):
        bench.attempt(peer, "restart", once)


def logs(bench: Bench) -> None:
    """Writers write as fast as they can: how many lines a second come out, and what that costs."""
    cells = [("block", writers, length) for writers in WRITERS for length in LENGTHS] + [("line", FEW, 100)]
    for kind, writers, length in cells:
        cell = f"{kind} {writers} {length}"
        print(f"  {writers} writers, {length} bytes, a {kind} a write", flush=True)
        for peer in bench.turns(1, "logs"):
            bench.attempt(peer, "logs", measure_logs, bench, cell, 0.1, True)
        for peer in bench.turns(1 if bench.quick else 3, "logs"):
            bench.attempt(peer, "logs", measure_logs, bench, cell, 0.3 if bench.quick else 0.8, False)


def measure_logs(peer: Peer, bench: Bench, cell: str, seconds: float, keep: bool) -> None:
    """With keep, checks every line and measures no time; without, measures the time and only counts bytes."""
    kind, writers, length = cell.split()
    job = bench.workspace.job(measures_logs=True)
    os.mkfifo(job.start_signal)
    names = [f"w{number:02}" for number in range(int(writers))]
    python = os.path.realpath("/proc/self/exe")
    for name in names:
        arguments = f"{job.start_marker} {job.start_signal} {name} {kind} {length} {seconds}"
        job.add(name, f"exec {python} -I -S {writer.__file__} {arguments}")
    start_signal = os.open(job.start_signal, os.O_RDWR)
    try:
        with Running(job, peer.run(job), keep) as running:
            running.await_starts(len(names))
            if peer.name == OURS:
                await_ready(job)
            time.sleep(0.1)
            workers = proc.supervising(running.init)
            before, cpu = running.out.size, proc.cpu(workers)
            began = time.monotonic_ns()
            os.write(start_signal, b"!" * len(names))
            written = dict(running.start_marker.next(60, "end of writing")[0].split() for _ in names)
            lines = {name: int(size) // int(length) for name, size in written.items()}
            label = {name: peer.label.replace("NAME", name).encode() for name in names}
            expected = sum(int(written[name]) + lines[name] * len(label[name]) for name in names)
            whole = running.out.await_size(before + expected, 5)
            took = (running.out.at - began) / 1e9
            if keep:
                # our own log lines may be late, and they count as bytes
                time.sleep(0.05)
                check(
                    bench,
                    peer,
                    cell,
                    running.out.text(),
                    {label[n] + writer.line(n, int(length)): lines[n] for n in names},
                )
            elif whole:
                total = sum(lines.values())
                bench.keep(peer, f"{cell} lines", total / took)
                bench.keep(peer, f"{cell} cpu", (proc.cpu(workers) - cpu) / total * 1e6)
            else:
                bench.keep(peer, f"{cell} missing", before + expected - running.out.size)
    finally:
        os.close(start_signal)


def check(bench: Bench, peer: Peer, cell: str, text: bytes, expected: dict[bytes, int]) -> None:
    """Counts lines that did not come out intact: lost, or mixed with others."""
    seen = {}
    for line in text.splitlines(keepends=True):
        seen[line] = seen.get(line, 0) + 1
    torn = sum(count - min(count, seen.get(line, 0)) for line, count in expected.items())
    bench.keep(peer, f"{cell} checked", sum(expected.values()))
    bench.keep(peer, f"{cell} torn", torn)


def idle(bench: Bench) -> None:
    """Context switches of all threads, and memory, with four idle daemons. All peers run at once, because none does
    anything, and one after the other would take ten times as long. What a JVM takes differs from start to start."""
    for _ in range(1 if bench.quick else 5):
        started: list[tuple[Peer, Running]] = []
        try:
            for peer in bench.turns(1, "idle", supervises):
                bench.attempt(peer, "idle", begin, bench, started)
            time.sleep(4 if bench.quick else 8)
            watched = [(peer, proc.supervising(running.init)) for peer, running in started]
            before = [proc.switches(pids) for _, pids in watched]
            began = time.monotonic()
            time.sleep(5 if bench.quick else 15)
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
    job = bench.workspace.job()
    job.add_sleepers(FEW)
    running = Running(job, peer.run(job))
    started.append((peer, running))
    settle(peer, job, running, FEW)


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
        job = bench.workspace.job()
        job.add_sleepers(count)
        with Running(job, peer.run(job)) as running:
            started_at = running.await_starts(count, 60)
            bench.keep(peer, f"{count} all", (started_at[-1] - running.began) / 1e6)
            settle(peer, job, running, 0)
            time.sleep(2)
            keep_memory(bench, peer, proc.supervising(running.init), f"{count} ")
            bench.keep(peer, f"{count} stop", running.stop(60))

    for peer in bench.turns(1, "growth", supervises):
        for count in (FEW, MANY):
            bench.attempt(peer, "growth", once, count)


def settle(peer: Peer, job: Job, running: Running, count: int) -> None:
    """Waits for this many daemons, and until the start is complete."""
    running.await_starts(count)
    if "ready" not in peer.unsupported:
        await_ready(job)
    time.sleep(0.3)


def await_ready(job: Job) -> int:
    """The time when `/q/health/ready` is UP (ns)."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", job.port, timeout=5)
            connection.request("GET", "/q/health/ready")
            if connection.getresponse().status == 200:
                return time.monotonic_ns()
        except (OSError, http.client.HTTPException):
            pass  # not listening yet
        finally:
            connection.close()
        time.sleep(0.001)
    raise Failed("not ready within 30 s")


def await_down(job: Job, since: int, daemon: str) -> int:
    """The time until the daemon's health check is DOWN (ns)."""
    connection = http.client.HTTPConnection("127.0.0.1", job.port, timeout=5)
    try:
        while time.monotonic_ns() - since < 5e9:
            connection.request("GET", "/q/health/ready")
            checks = json.loads(connection.getresponse().read())["checks"]
            if any(check["name"] == daemon and check["status"] == "DOWN" for check in checks):
                return time.monotonic_ns() - since
    finally:
        connection.close()
    raise Failed("not DOWN within 5 s")


ALL = {scenario.__name__: scenario for scenario in (start, stop, death, restart, logs, idle, growth)}
