"""Writes docs/benchmarks.md and its plots from the results. The text contains none, so a new run needs no edits."""

from pathlib import Path
from statistics import median

import peers
import plot
from plot import short
from scenarios import FEW, LENGTHS, MANY, WRITERS

NAMES = [peer.name for peer in peers.ALL]
DASH = "-"


class Results:
    def __init__(self, results: dict):
        self._results = results
        self.scenarios = results["scenarios"]
        self.machine = results["machine"]
        self.versions = results["versions"]

    def median(self, scenario: str, peer: str, measure: str) -> float | None:
        numbers = self.numbers(scenario, peer, measure)
        return median(numbers) if numbers else None

    def numbers(self, scenario: str, peer: str, measure: str) -> list[float]:
        return self.scenarios.get(scenario, {}).get("numbers", {}).get(peer, {}).get(measure, [])

    def ratio(self, scenario: str, peer: str, measure: str, to: str) -> float | None:
        ours, theirs = self.median(scenario, peer, measure), self.median(scenario, to, measure)
        return ours / theirs if ours is not None and theirs else None

    def why_not(self, scenario: str, peer: str, measure: str) -> str:
        """The reason for a missing number."""
        if peer in self._results["absent"]:
            return self._results["absent"][peer]
        unsupported = next(known.unsupported for known in peers.ALL if known.name == peer)
        failures = self.scenarios.get(scenario, {}).get("failures", {})
        failed = (why for key, why in failures.items() if key.startswith(peer + ": "))
        return unsupported.get(measure) or next(failed, "")


def write(results: dict, docs: Path) -> None:
    found = Results(results)
    sections = {
        "start": lambda: start(found, docs),
        "stop": lambda: stop(found),
        "death": lambda: death(found),
        "restart": lambda: restart(found),
        "logs": lambda: logs(found, docs),
        "idle": lambda: idle(found),
        "growth": lambda: growth(found),
    }
    measured = [section() for scenario, section in sections.items() if scenario in found.scenarios]
    page = "\n\n".join(text.strip() for text in (head(found), promises(found), *measured, how()))
    (docs / "benchmarks.md").write_text(page + "\n")


def head(found: Results) -> str:
    machine = found.machine
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    measured = "; ".join(
        f"{name} {scenario['at']}{' (quick)' if scenario['quick'] else ''}, load {scenario['load']:.1f}"
        for name, scenario in found.scenarios.items()
    )
    return f"""
# Benchmarks

`make bench` writes this page, with measured numbers only. Each program is PID 1 of a new PID namespace and supervises
four daemons. All programs take turns (A B A B …). The numbers are medians, with the lowest and the highest in
parentheses. They compare programs on one machine at one time: look at the ratios, not at the milliseconds.
[How it is measured](#how-it-is-measured) is at the end.

| | |
|---|---|
| machine | {machine["processors"]} processors, {machine["model"]}; Linux {machine["kernel"]} |
| versions | {versions} |
| measured (UTC; load of the machine at the end) | {measured} |
"""


def promises(found: Results) -> str:
    ours, script, cat = peers.OURS, peers.BASELINE, peers.CAT
    four = "block 4 100 lines"
    missing = sum(
        sum(found.numbers("logs", ours, f"{cell} {what}")) for cell in cells() for what in ("torn", "missing")
    )
    rows = [
        (
            "exec of PID 1 → first daemon's exec",
            "at most {} x the Python script's",
            2.2,
            found.ratio("start", ours, "first", script),
        ),
        ("the same, with `--config`", "at most {} x the Python script's", 2.2, by_flag(found)),
        ("exec → `/q/health/ready` UP", "at most {} ms", 400, found.median("start", ours, "ready")),
        ("death → log line", "at most {} ms", 5, found.median("death", ours, "line")),
        ("death → health DOWN", "at most {} ms", 5, found.median("death", ours, "down")),
        ("TERM → exit with four obedient daemons", "at most {} ms", 50, found.median("stop", ours, "stop")),
        (
            "lines a second, four daemons, 100 bytes",
            "at least {} x the Python script's",
            100,
            found.ratio("logs", ours, four, script),
        ),
        ("the same", "at least {} x `cat` of the same pipes", 0.7, found.ratio("logs", ours, four, cat)),
        ("lines lost or mixed", "{}", 0, missing if found.numbers("logs", ours, four) else None),
        ("context switches a second, idle", "at most {}", 2, found.median("idle", ours, "switches")),
        ("resident memory, idle", "at most {} MB", 82, in_mb(found.median("idle", ours, "resident"))),
        ("growth from 4 to 400: KB a daemon", "at most {}", 100, a_daemon(found, ours, "resident")),
        ("growth from 4 to 400: threads a daemon", "{}", 0, a_daemon(found, ours, "threads")),
    ]
    table = [["what", "promise", "measured", ""]]
    for what, promise, target, measured in rows:
        good = measured is not None and (measured >= target if "at least" in promise else measured <= target)
        verdict = DASH if measured is None else "kept" if good else "**not kept**"
        table.append([what, promise.format(target), shown(measured), verdict])
    return "## The promises\n\n" + markdown(table)


def start(found: Results, docs: Path) -> str:
    measures = {"first": "first daemon", "all": "all four", "ready": "ready"}
    rows = {
        name: [found.median("start", name, measure) or None for measure in measures] for name in present(found, "start")
    }
    (docs / "benchmarks-start.svg").write_text(
        plot.dots("From exec of PID 1", "milliseconds, logarithmic", list(measures.values()), rows)
    )
    table = [["", "first daemon, ms", "x script", "all four, ms", "ready, ms"]]
    for name in supervising():
        times = found.ratio("start", name, "first", peers.BASELINE)
        table.append(
            [
                name,
                cell(found, "start", name, "first"),
                shown(times),
                *(cell(found, "start", name, m) for m in ("all", "ready")),
            ]
        )
    table.append(
        [
            "sidecar-init, with `--config`",
            cell(found, "start", peers.OURS, "first by flag"),
            shown(by_flag(found)),
            "",
            "",
        ]
    )
    return f"""
## Start

From the exec of PID 1 to the start of the daemons. A daemon is a shell script that first writes a start marker.
Sidecar Init is started by its launcher, with the bundle file in a variable, and in the last row by a flag. Ready means
that `/q/health/ready` is UP, so it includes the start of Quarkus.

{markdown(table)}

![Start, in milliseconds](benchmarks-start.svg)
"""


def by_flag(found: Results) -> float | None:
    flag, script = found.median("start", peers.OURS, "first by flag"), found.median("start", peers.BASELINE, "first")
    return flag / script if flag is not None and script else None


def stop(found: Results) -> str:
    table = [["", "TERM → exit, ms", "slow daemons that finish"]]
    for name in supervising():
        finished = found.median("stop", name, "finished")
        of = DASH if finished is None else f"{finished:.0f} of {FEW}"
        table.append([name, cell(found, "stop", name, "stop"), of])
    return f"""
## Stop

Four daemons that exit immediately on TERM, then four that need 200 ms. If PID 1 exits before them, the kernel kills
them, because the namespace ends with its PID 1.

{markdown(table)}
"""


def death(found: Results) -> str:
    table = [["", "death → line, ms", "death → health DOWN, ms"]]
    for name in supervising():
        table.append([name, cell(found, "death", name, "line"), cell(found, "death", name, "down")])
    return f"""
## A daemon dies

From SIGKILL on one daemon to the line on stdout that names it, and until its health check is DOWN (requested
continuously).

{markdown(table)}
"""


def restart(found: Results) -> str:
    table = [["", "death → running again, ms"]]
    for name in supervising():
        table.append([name, cell(found, "restart", name, "restart")])
    return f"""
## Restart

With the fastest setting of each program (for Sidecar Init `initial_delay: 0s`; the default is 500 ms). The daemon has
run for more than a second.

{markdown(table)}
"""


def logs(found: Results, docs: Path) -> str:
    carriers = [peer.name for peer in peers.ALL if "logs" not in peer.unsupported]
    lengths = [f"{length:,} bytes" for length in LENGTHS]
    rows = {
        name: [found.median("logs", name, f"block {FEW} {length} lines") for length in LENGTHS] for name in carriers
    }
    rows = {name: row for name, row in rows.items() if any(row)}
    (docs / "benchmarks-logs.svg").write_text(
        plot.dots("Lines a second, four writers", "lines a second, logarithmic", lengths, rows)
    )
    speed, cost, torn = ([["writers", "bytes a line", "per write", *carriers]] for _ in range(3))
    for one in cells():
        kind, writers, length = one.split()
        begin = [writers, f"{int(length):,}", "64 KB" if kind == "block" else "a line"]
        speed.append(begin + [speed_cell(found, name, one) for name in carriers])
        cost.append(begin + [shown(found.median("logs", name, f"{one} cpu")) for name in carriers])
        torn.append(begin + [torn_cell(found, name, one) for name in carriers])
    others = [[name, f"{DASH} {found.why_not('logs', name, 'logs')}"] for name in NAMES if name not in carriers]
    return f"""
## Logs

The daemons write as fast as they can. The table shows the lines a second that come out, and in parentheses the ratio to
`cat`: one `cat` for each pipe, which adds no labels and may mix lines. A write(2) is 64 KB of lines, or one line.

{markdown(speed)}

![Lines a second](benchmarks-logs.svg)

Processor seconds per million lines, for all processes except the writers:

{markdown(cost)}

Lines that were lost or did not come out intact with their label, in a run that checks each line:

{markdown(torn)}

{markdown([["", "logs"], *others])}
"""


def idle(found: Results) -> str:
    table = [
        ["", "context switches a second", "resident, MB", "proportional, MB", "private, MB", "threads", "processes"]
    ]
    for name in supervising():
        memory = [shown(in_mb(found.median("idle", name, m))) for m in ("resident", "proportional", "private")]
        counts = [shown(found.median("idle", name, m)) for m in ("threads", "processes")]
        table.append([name, cell(found, "idle", name, "switches"), *memory, *counts])
    return f"""
## Idle

Four idle daemons. Context switches of all threads of all processes except the daemons; total memory from
`smaps_rollup` (MB of 1024 KB). Proportional memory divides shared pages among their users, private memory excludes
them.

{markdown(table)}
"""


def growth(found: Results) -> str:
    header = ["", "resident, KB", "private, KB", "threads", "processes", f"all {FEW} started, ms", f"all {MANY}, ms"]
    table = [[*header, f"{FEW}: TERM → exit, ms", f"{MANY}, ms"]]
    for name in supervising():
        row = [shown(a_daemon(found, name, measure)) for measure in ("resident", "private", "threads", "processes")]
        row += [
            shown(found.median("growth", name, f"{count} {what}")) for what in ("all", "stop") for count in (FEW, MANY)
        ]
        table.append([name, *row])
    return f"""
## Many daemons

The same with {FEW} and with {MANY} daemons: the cost of each additional daemon, and the duration of start and stop.
One run of each.

{markdown(table)}
"""


def how() -> str:
    return """
## How it is measured

`make bench` installs nothing: it uses the peers that it finds and reports the missing ones. `BASELINE=FILE` names the
Python script that Sidecar Init replaces, `ONLY=start,logs` runs only these scenarios (`start`, `stop`, `death`,
`restart`, `logs`, `idle`, `growth`), `QUICK=1` runs fewer and shorter rounds, and `ONLY=report` only writes this
page. The numbers of every round are in `target/bench/results.json`. The inner loops (log lines, steps of the state
machine) have separate microbenchmarks: `./mvnw -q -B -ntp -Pjmh test-compile exec:exec@jmh`.

- **Clock.** The last action before the exec of PID 1 and the first of every daemon write a line to a FIFO, and one
  process reads and timestamps it. So the time of a daemon includes the start of its shell, the same for all peers. A
  pidfd reports the exit after TERM.
- **The peers** run with the minimal setup: services without loggers except in the log scenario, supervisord with
  `startsecs=0`, runit stopped by `sv force-stop`, bash by a trap that kills and waits. tini and dumb-init run a shell
  that starts the daemons and waits.
- **Reader.** stdout is a pipe, as under an engine. Its reader only counts, with splice(2) to /dev/null, which copies
  nothing: the fastest reader of a pipe, the same for all peers. With /dev/null as stdout, writes would cost nothing,
  which is not the case in practice.
- **Writers** write a prepared block; at 64 KB per call they cost almost nothing. All wait for one start signal, write
  for a fixed time, and report how much. The clock stops when all of it has come out. There is no warm-up.
- **Idle** is measured for some seconds, some seconds after the start, for all peers at once, because none does
  anything.
"""


def cells() -> list[str]:
    return [f"block {writers} {length}" for writers in WRITERS for length in LENGTHS] + [f"line {FEW} 100"]


def speed_cell(found: Results, name: str, one: str) -> str:
    if found.numbers("logs", name, f"{one} missing"):
        return "**bytes lost**"
    speed = found.median("logs", name, f"{one} lines")
    if speed is None:
        return f"{DASH} {found.why_not('logs', name, 'logs')}".strip()
    times = found.ratio("logs", name, f"{one} lines", peers.CAT)
    return short(speed) if name == peers.CAT or times is None else f"{short(speed)} ({times:.2g})"


def torn_cell(found: Results, name: str, one: str) -> str:
    torn, checked = (sum(found.numbers("logs", name, f"{one} {what}")) for what in ("torn", "checked"))
    return DASH if not checked else f"{torn:.0f}" if not torn else f"{torn:.0f} of {short(checked)}"


def a_daemon(found: Results, name: str, measure: str) -> float | None:
    few, many = (found.median("growth", name, f"{count} {measure}") for count in (FEW, MANY))
    return None if few is None or many is None else (many - few) / (MANY - FEW)


def in_mb(kilobytes: float | None) -> float | None:
    return None if kilobytes is None else kilobytes / 1024


def supervising() -> list[str]:
    return [peer.name for peer in peers.ALL if peer.supervises]


def present(found: Results, scenario: str) -> list[str]:
    return [name for name in NAMES if name in found.scenarios[scenario]["numbers"]]


def cell(found: Results, scenario: str, peer: str, measure: str) -> str:
    numbers = found.numbers(scenario, peer, measure)
    if not numbers:
        return f"{DASH} {found.why_not(scenario, peer, measure)}".strip()
    middle = short(median(numbers))
    return middle if len(numbers) == 1 else f"{middle} ({short(min(numbers))}-{short(max(numbers))})"


def shown(number: float | None) -> str:
    return DASH if number is None else short(number)


def markdown(rows: list[list[str]]) -> str:
    head, *body = ("| " + " | ".join(row) + " |" for row in rows)
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])
