"""Writes docs/conformance.md from the results. The text here contains no verdict, so a new run needs no edits."""

import re
from itertools import groupby
from pathlib import Path

from conformance import scenarios as scenarios_package
from conformance.suite import ATTEMPTS, FAILS, HOLDS, NOT_CLAIMED, NOT_TESTED, Scenario
from conformance.supervisor import Claim, Supervisor
from conformance.table import Table, counts

PAGE = Path(__file__).resolve().parents[1] / "docs" / "conformance.md"
OURS = "sidecar-init"
SIGNS = {HOLDS: "✓", FAILS: "✗", NOT_CLAIMED: "-", NOT_TESTED: "?"}


class Page:
    def __init__(self, table: Table, scenarios: list[Scenario], supervisors: list[Supervisor]):
        self._table = table
        self._scenarios = scenarios
        self._all = supervisors
        self._tested = [supervisor for supervisor in supervisors if not table.missing(supervisor)]
        self._ours = next(supervisor for supervisor in supervisors if supervisor.name == OURS)
        self._rivals = [supervisor for supervisor in self._tested if supervisor is not self._ours]

    def text(self) -> str:
        parts = [INTRODUCTION.format(count=len(self._scenarios), attempts=ATTEMPTS), self._overview()]
        parts += ["## Where another is better\n", self._better()]
        parts += ["## What no other holds\n", self._only_ours()]
        for package, members in groupby(self._scenarios, key=lambda scenario: scenario.name.split("/")[0]):
            parts.append(self._group(package, list(members)))
        parts += ["## Not claimed\n", NOT_CLAIMED_TEXT, self._unclaimed()]
        return "\n".join(parts)

    def _overview(self) -> str:
        rows = [["", "version", HOLDS, FAILS, NOT_CLAIMED, "set up as in"]]
        for supervisor in self._tested:
            number = counts(self._table, self._scenarios, supervisor)
            rows.append(
                [
                    f"[{supervisor.name}]({adapter(supervisor)})",
                    self._table.version(supervisor),
                    *(str(number[verdict]) for verdict in (HOLDS, FAILS, NOT_CLAIMED)),
                    f"[its documentation]({supervisor.documentation})" if supervisor.documentation else "-",
                ]
            )
        text = f"Run on {self._table.at}: {self._table.machine}.\n\n{markdown(rows)}\n"
        absent = [s for s in self._all if s not in self._tested]
        if absent:
            text += "\nNot run: " + ", ".join(f"{s.name} ({self._table.missing(s)})" for s in absent) + ".\n"
        return text

    def _better(self) -> str:
        """What Sidecar Init fails or does not claim, with those that hold it."""
        rows = []
        for scenario in self._scenarios:
            cell = self._table.cell(scenario, self._ours)
            if cell and cell.verdict in (FAILS, NOT_CLAIMED):
                others = self._holding(scenario)
                rows.append(
                    f"- {scenario.title} ({cell.verdict}: {cell.reason}). Held by {', '.join(others) or 'none'}."
                )
        return ("\n".join(rows) or "In no scenario.") + "\n\n" + BETTER_ELSEWHERE

    def _only_ours(self) -> str:
        """Held by Sidecar Init alone: first what others claim, then what none does."""
        claimed, unclaimed = [], []
        for scenario in self._scenarios:
            cell = self._table.cell(scenario, self._ours)
            if cell and cell.verdict == HOLDS and not self._holding(scenario):
                failing = [s.name for s in self._rivals if self._verdict(scenario, s) == FAILS]
                if failing:
                    claimed.append(
                        f"- {scenario.title} ({', '.join(failing)}: {'fail' if len(failing) > 1 else 'fails'})"
                    )
                else:
                    unclaimed.append(f"- {scenario.title}")
        return (
            "Claimed by others, too, and held by none of them:\n\n" + ("\n".join(claimed) or "- nothing") + "\n\n"
            "Claimed by none of them:\n\n" + ("\n".join(unclaimed) or "- nothing") + "\n"
        )

    def _group(self, package: str, members: list[Scenario]) -> str:
        rows = [["", *(supervisor.name for supervisor in self._tested)]]
        for scenario in members:
            signs = [SIGNS.get(self._verdict(scenario, supervisor), "") for supervisor in self._tested]
            rows.append([f"[{scenario.name.split('/')[1]}](#{anchor(scenario)})", *signs])
        title = getattr(scenarios_package, package).__doc__.strip()
        details = [self._scenario(scenario) for scenario in members]
        return f"## {package.capitalize()}\n\n{title}\n\n{markdown(rows)}\n\n" + "\n".join(details)

    def _scenario(self, scenario: Scenario) -> str:
        source = f"../conformance/scenarios/{scenario.name}.py"
        text = f"### {scenario.name}\n\n[{scenario.title}.]({source}) {scenario.why}"
        if scenario.bitten:
            text += " Reports: " + ", ".join(f"[{report}]({issue(report)})" for report in scenario.bitten) + "."
        text += "\n"
        rows = []
        for supervisor in self._tested:
            cell = self._table.cell(scenario, supervisor)
            if cell and cell.verdict == FAILS:
                times = "" if cell.failures == ATTEMPTS else f" ({cell.failures} of {ATTEMPTS} times)"
                rows.append(f"- ✗ {supervisor.name}{times}: {cell.reason}")
            elif cell and (cell.verdict == NOT_TESTED or scenario.name in supervisor.not_claimed):
                rows.append(f"- {SIGNS[cell.verdict]} {supervisor.name}: {cell.reason}")
        return text + ("\n" + "\n".join(rows) + "\n" if rows else "")

    def _unclaimed(self) -> str:
        rows = [["claim", "not made by"]]
        for claim in Claim:
            without = [supervisor.name for supervisor in self._tested if claim not in supervisor.claims]
            if without:
                rows.append([claim.value, ", ".join(without)])
        return markdown(rows) + "\n"

    def _holding(self, scenario: Scenario) -> list[str]:
        return [supervisor.name for supervisor in self._rivals if self._verdict(scenario, supervisor) == HOLDS]

    def _verdict(self, scenario: Scenario, supervisor: Supervisor) -> str:
        cell = self._table.cell(scenario, supervisor)
        return cell.verdict if cell else ""


def anchor(scenario: Scenario) -> str:
    """What GitHub makes of the heading: it leaves out all punctuation except `-` and `_`."""
    return scenario.name.replace("/", "")


def adapter(supervisor: Supervisor) -> str:
    return f"../conformance/supervisors/{supervisor.command.__module__.rsplit('.', 1)[1]}.py"


def issue(report: str) -> str:
    repository, number = report.split("#")
    return f"https://github.com/{repository}/issues/{number}"


def markdown(rows: list[list[str]]) -> str:
    head, *body = ("| " + " | ".join(row) + " |" for row in rows)
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def differs(scenarios: list[Scenario]) -> list[str]:
    """The scenarios that the page in the checkout does not know, and those that only it knows."""
    known = re.findall("(?m)^### (.+)$", PAGE.read_text()) if PAGE.exists() else []
    return sorted({scenario.name for scenario in scenarios}.symmetric_difference(known))


INTRODUCTION = """\
# Conformance

What must PID 1 of a container with several daemons do? This page is the answer as {count} black-box scenarios, and how
each supervisor does in them. `make conformance` runs them and writes the page. A scenario knows no supervisor: it says
which daemons run under which policy, an adapter makes the supervisor's configuration of that, as the supervisor's own
documentation describes it, and the supervisor runs as PID 1 of a new PID namespace.

Read it with this in mind: the scenarios are ours. They come from public reports about all kinds of supervisors and from
what guards of an agent need, and what Sidecar Init failed was mended, while the others had no such chance. An init for
one program (tini, dumb-init, catatonit) claims little, and keeps nearly all of it.

| | |
|---|---|
| ✓ | holds |
| ✗ | fails: it claims this, and did not do it. A scenario that fails is run {attempts} times in all |
| - | not claimed: the supervisor does not say that it does this, so it is not tested |
| ? | not tested: this machine can't show it |

`make conformance SCENARIO=stop/ignores_term SUPERVISOR=s6` runs one cell and says what happened; with `KEEP=1` the
configuration and the programs stay in `/tmp/conformance-*`. How to add a scenario or a supervisor is
[here](../conformance/README.md).
"""
BETTER_ELSEWHERE = """\
Size and speed are not part of this page: [Benchmarks](benchmarks.md) compare them. There the small inits and the
supervisors in C, Go and Rust need a fraction of the memory of Sidecar Init and are up earlier. Nor is here what others
do and Sidecar Init does not: tasks that run once or by a schedule, log files, log forwarding, starting and stopping
single daemons by hand, a terminal interface, other systems than Linux.
"""
NOT_CLAIMED_TEXT = """\
What a supervisor does not claim, by its documentation. Beside these, an adapter names single scenarios with a reason;
they stand with the scenario.
"""


def write(table: Table, scenarios: list[Scenario], supervisors: list[Supervisor]) -> None:
    PAGE.write_text(Page(table, scenarios, supervisors).text())
