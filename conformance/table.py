"""Runs the cells of the table, and keeps their results."""

import json
import os
import platform
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from conformance import suite
from conformance.suite import FAILS, HOLDS, NOT_CLAIMED, NOT_TESTED, Cell, Scenario
from conformance.supervisor import Supervisor

RESULTS = Path(__file__).resolve().parents[1] / "target" / "conformance" / "results.json"


class Table:
    """The results of all runs so far: a run of a few cells replaces only these."""

    def __init__(self, results: dict):
        self._results = results
        self._lock = threading.Lock()

    @staticmethod
    def load() -> "Table":
        return Table(json.loads(RESULTS.read_text()) if RESULTS.exists() else {"cells": {}, "supervisors": {}})

    def save(self) -> None:
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        RESULTS.write_text(json.dumps(self._results, indent=1, sort_keys=True))

    def describe(self, supervisors: list[Supervisor]) -> None:
        """Keeps what the cells depend on: the machine, the versions, and what is missing."""
        self._results["at"] = time.strftime("%Y-%m-%d", time.gmtime())
        self._results["machine"] = f"{len(os.sched_getaffinity(0))} processors, Linux {platform.release()}"
        for supervisor in supervisors:
            missing = supervisor.missing()
            version = "" if missing else supervisor.installed_version()
            self._results["supervisors"][supervisor.name] = {"version": version, "missing": missing}

    def keep(self, scenario: Scenario, supervisor: Supervisor, cell: Cell) -> None:
        with self._lock:
            self._results["cells"].setdefault(scenario.name, {})[supervisor.name] = asdict(cell)

    def cell(self, scenario: Scenario, supervisor: Supervisor) -> Cell | None:
        kept = self._results["cells"].get(scenario.name, {}).get(supervisor.name)
        return Cell(**kept) if kept else None

    @property
    def at(self) -> str:
        return self._results["at"]

    @property
    def machine(self) -> str:
        return self._results["machine"]

    def version(self, supervisor: Supervisor) -> str:
        return self._results["supervisors"][supervisor.name]["version"]

    def missing(self, supervisor: Supervisor) -> str:
        return self._results["supervisors"].get(supervisor.name, {"missing": "not run"})["missing"]


def run(table: Table, scenarios: list[Scenario], supervisors: list[Supervisor], workers: int) -> None:
    """Runs each scenario with each supervisor, so many at a time; those that must be alone come last."""
    cells = [(scenario, supervisor) for scenario in scenarios for supervisor in supervisors]

    def once(cell: tuple[Scenario, Supervisor]) -> None:
        scenario, supervisor = cell
        result = suite.run(scenario, supervisor)
        table.keep(scenario, supervisor, result)
        print(line(scenario, supervisor, result), flush=True)

    pool = ThreadPoolExecutor(workers)
    try:
        for _ in pool.map(once, [cell for cell in cells if not cell[0].alone]):
            pass  # an error of the suite itself ends the run
        for cell in cells:
            if cell[0].alone:
                once(cell)
    finally:
        pool.shutdown(cancel_futures=True)
        table.save()


def line(scenario: Scenario, supervisor: Supervisor, cell: Cell) -> str:
    verdict = f"FAILS in {cell.failures} of {suite.ATTEMPTS}" if cell.verdict == FAILS else cell.verdict
    return f"{scenario.name}  {supervisor.name}  {verdict}{cell.reason and f': {cell.reason}'}"


def counts(table: Table, scenarios: list[Scenario], supervisor: Supervisor) -> dict[str, int]:
    """How many cells of the supervisor have each verdict."""
    cells = [table.cell(scenario, supervisor) for scenario in scenarios]
    return {
        verdict: sum(cell is not None and cell.verdict == verdict for cell in cells)
        for verdict in (HOLDS, FAILS, NOT_CLAIMED, NOT_TESTED)
    }
