"""Writes docs/benchmarks.md and its plots from the results. The text contains none, so a new run needs no edits."""

from pathlib import Path
from statistics import median

import peers
import plot
from launch import GRACE
from plot import short
from scenarios import BUDGET, CELLS, FEW, LENGTHS, MANY, PATIENCE, Cell

BY_NAME = {peer.name: peer for peer in peers.ALL}
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

    def failure(self, scenario: str, peer: str, measure: str) -> str:
        """Why an attempt failed, or empty."""
        failures = self.scenarios.get(scenario, {}).get("failures", {})
        # an attempt has the name of its measure, or that of the scenario if it makes several at once
        return failures.get(f"{peer}: {measure}") or failures.get(f"{peer}: {scenario}", "")

    def why_not(self, scenario: str, peer: str, measure: str) -> str:
        """The reason for a missing number."""
        absent = self._results["absent"].get(peer)
        return absent or BY_NAME[peer].why_not(measure) or self.failure(scenario, peer, measure)


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
    page = "\n\n".join(text.strip() for text in (head(found), promises(found), *measured, programs(found), how()))
    (docs / "benchmarks.md").write_text(page + "\n")


def head(found: Results) -> str:
    machine = found.machine
    measured = "; ".join(
        f"{name} {scenario['at']}{' (quick)' if scenario['quick'] else ''}, load {scenario['load']:.1f}"
        for name, scenario in found.scenarios.items()
    )
    return f"""
# Benchmarks

`make bench` writes this page, with measured numbers only. Each program is PID 1 of a new PID namespace and supervises
four daemons. All programs take turns (A B A B …). The numbers are medians, with the lowest and the highest in
parentheses. They compare programs on one machine at one time: look at the ratios, not at the milliseconds. A dash
stands for what was not measured, with the reason. [The programs](#the-programs) and [how it is
measured](#how-it-is-measured) are at the end.

| | |
|---|---|
| machine | {machine["processors"]} processors, {machine["model"]}; Linux {machine["kernel"]} |
| measured (UTC; load of the machine at the end) | {measured} |
"""


def promises(found: Results) -> str:
    ours, script, cat = peers.OURS, peers.BASELINE, peers.CAT
    four = "block 4 100 lines"
    missing = sum(sum(found.numbers("logs", ours, f"{cell} {what}")) for cell in CELLS for what in ("torn", "lost"))
    rows = [
        (
            "exec of PID 1 → first daemon's exec",
            "at most {} x the Python script's",
            2.2,
            found.ratio("start", ours, "first", script),
        ),
        ("the same, with `--config`", "at most {} x the Python script's", 2.2, by_flag(found)),
        ("exec → `/q/health/ready` UP", "at most {} ms", 400, found.median("start", ours, "ready")),
        (
            "start of a daemon that listens at once → ready, by a probe with `period: 10s`",
            "at most {} ms",
            100,
            found.median("start", ours, "listening"),
        ),
        (
            "`sidecar-init status`, here by the launcher of a checkout",
            "at most {} ms, in the image",
            200,
            found.median("start", ours, "status"),
        ),
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
    rows = {name: [found.median("start", name, measure) for measure in measures] for name in supervising()}
    (docs / "benchmarks-start.svg").write_text(
        plot.dots("From exec of PID 1", "milliseconds, logarithmic", list(measures.values()), with_numbers(rows))
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
that the program itself says that all four run, by its health page, its API or its command, whatever [it
has](#the-programs): for Sidecar Init that `/q/health/ready` is UP, so it includes the start of Quarkus.

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
        of = cell(found, "stop", name, "finished") if finished is None else f"{finished:.0f} of {FEW}"
        table.append([name, cell(found, "stop", name, "stop"), of])
    return f"""
## Stop

Four daemons that exit immediately on TERM, then four that need 200 ms. If PID 1 exits before them, the kernel kills
them, because the namespace ends with its PID 1.

{markdown(table)}
"""


def death(found: Results) -> str:
    table = [["", "death → line, ms", "death → status, ms"]]
    for name in supervising():
        table.append([name, cell(found, "death", name, "line"), cell(found, "death", name, "down")])
    return f"""
## A daemon dies

From SIGKILL on one daemon to the line on stdout that names it, and until the program itself says that it does not run:
by its health page (for Sidecar Init `/q/health/ready`), its API or its command, whatever [it has](#the-programs),
asked again and again. A command takes one or two milliseconds itself, if nothing else is said there.

{markdown(table)}
"""


def restart(found: Results) -> str:
    table = [["", "death → running again, ms"]]
    for name in supervising():
        table.append([name, cell(found, "restart", name, "restart")])
    return f"""
## Restart

With the shortest delay that each program offers (for Sidecar Init `initial_delay: 0s`; the default is 500 ms). The
daemon has run for more than a second.

{markdown(table)}
"""


def logs(found: Results, docs: Path) -> str:
    carriers = [name for name in BY_NAME if not found.why_not("logs", name, "logs")]
    lengths = [f"{length:,} bytes" for length in LENGTHS]
    rows = {
        name: [found.median("logs", name, f"{Cell('block', FEW, length)} lines") for length in LENGTHS]
        for name in carriers
    }
    (docs / "benchmarks-logs.svg").write_text(
        plot.dots("Lines a second, four writers", "lines a second, logarithmic", lengths, with_numbers(rows))
    )
    headings = [f"{one.writers} x {one.length:,} B{'' if one.kind == 'block' else ', by line'}" for one in CELLS]
    speed, cost, torn = ([["", *headings]] for _ in range(3))
    for name in carriers:
        row = [name if BY_NAME[name].label or name == peers.CAT else f"{name} (no labels)"]
        speed.append(row + [speed_cell(found, name, one) for one in CELLS])
        cost.append(row + [shown(found.median("logs", name, f"{one} cpu")) for one in CELLS])
        torn.append(row + [torn_cell(found, name, one) for one in CELLS])
    others = [[name, f"{DASH} {found.why_not('logs', name, 'logs')}"] for name in BY_NAME if name not in carriers]
    return f"""
## Logs

The daemons write as fast as they can, and a column is the number of writers x the bytes of a line: 64 KB of lines per
write(2), and in the last column one line per write(2). The table shows the lines a second that come out, and in
parentheses the ratio to `cat`: one `cat` for each pipe, which adds no labels and may mix lines. A program that drops
lines when it falls behind does not slow the writers down.

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
        row += [cell(found, "growth", name, f"{count} {what}") for what in ("all", "stop") for count in (FEW, MANY)]
        table.append([name, *row])
    return f"""
## Many daemons

The same with {FEW} and with {MANY} daemons: the cost of each additional daemon, and the duration of start and stop.
One run of each, and {PATIENCE} seconds for a start or a stop.

{markdown(table)}
"""


def programs(found: Results) -> str:
    table = [["", "version", "its own word (ready, status)", "how it runs"]]
    for name, peer in BY_NAME.items():
        supervisor = peer.supervisor
        linked = f"[{name}]({supervisor.documentation})" if supervisor.documentation else name
        version = found.versions.get(name) or f"{DASH} {found.why_not('', name, '')}".strip()
        table.append([linked, version, peer.extra.asks or DASH, peer.extra.notes])
    return f"""
## The programs

All but `cat` are configured by the adapters of the conformance suite (`conformance/supervisors`), each as its own
documentation (linked) says. In [A daemon dies](#a-daemon-dies) a death leads to nothing and in [Restart](#restart) to a
restart; elsewhere to that for which the program needs no script. Lines get labels in [Logs](#logs) only. The grace of a
stop is {GRACE} seconds.

{markdown(table)}
"""


def how() -> str:
    return f"""
## How it is measured

`make bench` installs nothing: it uses the programs that it finds on the `PATH` and reports the missing ones.
`BASELINE=FILE` names the Python script that Sidecar Init replaces, `ONLY=start,logs` runs only these scenarios
(`start`, `stop`, `death`, `restart`, `logs`, `idle`, `growth`), `QUICK=1` runs fewer and shorter rounds, and
`ONLY=report` only writes this page. The numbers of every round are in `target/bench/results.json`. The inner loops (log
lines, steps of the state machine) have separate microbenchmarks: `./mvnw -q -B -ntp -Pjmh test-compile exec:exec@jmh`.

- **Clock.** The last action before the exec of PID 1 and the first of every daemon write a line to a FIFO, and one
  process reads and timestamps it. So the time of a daemon includes the start of its shell, the same for all programs.
  A pidfd reports the exit after TERM.
- **Rounds.** A program that has had two rounds of a measure and has used {BUDGET} seconds gets no more.
- **Reader.** stdout is a pipe, as under an engine. Its reader only counts, with splice(2) to /dev/null, which copies
  nothing: the fastest reader of a pipe, the same for all programs. With /dev/null as stdout, writes would cost nothing,
  which is not the case in practice.
- **Writers** write a prepared block; at 64 KB per call they cost almost nothing. All wait for one start signal, write
  for a fixed time, and report how much. The clock stops when all of it has come out. There is no warm-up.
- **Idle** is measured for some seconds, some seconds after the start, for all programs at once, because none does
  anything.
"""


def speed_cell(found: Results, name: str, one: Cell) -> str:
    speed = found.median("logs", name, f"{one} lines")
    if speed is None:
        return f"{DASH} {found.why_not('logs', name, f'{one} lines')}".strip()
    times = found.ratio("logs", name, f"{one} lines", peers.CAT)
    text = short(speed) if name == peers.CAT or times is None else f"{short(speed)} ({times:.2g})"
    lost = found.median("logs", name, f"{one} lost")
    return f"{text}, **{short(100 * lost)} % lost**" if lost else text


def torn_cell(found: Results, name: str, one: Cell) -> str:
    torn, checked = (sum(found.numbers("logs", name, f"{one} {what}")) for what in ("torn", "checked"))
    if not checked:
        return f"{DASH} {found.why_not('logs', name, f'{one} checked')}".strip()
    return f"{torn:.0f}" if not torn else f"{torn:.0f} of {short(checked)}"


def a_daemon(found: Results, name: str, measure: str) -> float | None:
    few, many = (found.median("growth", name, f"{count} {measure}") for count in (FEW, MANY))
    return None if few is None or many is None else (many - few) / (MANY - FEW)


def in_mb(kilobytes: float | None) -> float | None:
    return None if kilobytes is None else kilobytes / 1024


def supervising() -> list[str]:
    return [name for name, peer in BY_NAME.items() if peer.supervises]


def with_numbers(rows: plot.Rows) -> plot.Rows:
    return {name: row for name, row in rows.items() if any(row)}


def cell(found: Results, scenario: str, peer: str, measure: str) -> str:
    numbers = found.numbers(scenario, peer, measure)
    if not numbers:
        return f"{DASH} {found.why_not(scenario, peer, measure)}".strip()
    middle = short(median(numbers))
    text = middle if len(numbers) == 1 else f"{middle} ({short(min(numbers))}-{short(max(numbers))})"
    failed = found.failure(scenario, peer, measure)
    return f"{text}; then: {failed}" if failed else text


def shown(number: float | None) -> str:
    return DASH if number is None else short(number)


def markdown(rows: list[list[str]]) -> str:
    head, *body = ("| " + " | ".join(row) + " |" for row in rows)
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])
