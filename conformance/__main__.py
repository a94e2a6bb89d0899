"""Runs the suite; conformance/README.md says how."""

import os
import signal
import sys

from conformance import page, suite, table
from conformance.supervisors import ALL


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    if os.geteuid() != 0:
        sys.exit("cannot run the suite: only root can make namespaces and daemons of other users")
    scenarios = select("SCENARIO", {scenario.name: scenario for scenario in suite.all_scenarios()})
    check_names()
    supervisors = select("SUPERVISOR", {supervisor.name: supervisor for supervisor in ALL})
    results = table.Table.load()
    results.describe(supervisors)
    for supervisor in supervisors:
        print(f"{supervisor.name}: {results.missing(supervisor) or results.version(supervisor)}", flush=True)
    present = [supervisor for supervisor in supervisors if not results.missing(supervisor)]
    table.run(results, scenarios, present, int(os.environ.get("JOBS") or os.cpu_count() or 1))
    for supervisor in present:
        counts = table.counts(results, scenarios, supervisor)
        print(f"{supervisor.name}: {', '.join(f'{verdict} {number}' for verdict, number in counts.items())}")
    if len(supervisors) == len(ALL) and not os.environ.get("SCENARIO"):
        page.write(results, scenarios, supervisors)
    failed = [s.name for s in present if s.name == page.OURS and table.counts(results, scenarios, s)[suite.FAILS]]
    if failed:
        sys.exit(f"{failed[0]} fails")
    if not os.environ.get("SCENARIO") and (others := page.differs(scenarios)):
        sys.exit(f"docs/conformance.md is out of date ({', '.join(others[:5])}): run `make conformance`")


def check_names() -> None:
    """A name of a scenario that does not exist would make a dash an unfair failure."""
    names = {scenario.name for scenario in suite.all_scenarios()}
    wrong = [f"{s.name}: {name}" for s in ALL for name in s.not_claimed if name not in names]
    if wrong:
        sys.exit(f"cannot run the suite: not_claimed names scenarios that do not exist ({', '.join(wrong)})")


def stop(*_) -> None:
    """Ends the run when the scenarios that run have ended, by an exception, so that nothing of them is left."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)  # a second one would end the wait and lose the results
    print("waiting for the end of the scenarios that run", flush=True)
    sys.exit("stopped")


def select(variable: str, known: dict) -> list:
    """Those that the variable names, separated by commas; without it all. `stop/` names all whose name begins so."""
    names = [name for name in os.environ.get(variable, "").split(",") if name]
    unknown = [name for name in names if not any(matches(name, other) for other in known)]
    if unknown:
        sys.exit(f"cannot find the {variable.lower()} {', '.join(unknown)}: there are {', '.join(known)}")
    return [value for other, value in known.items() if not names or any(matches(name, other) for name in names)]


def matches(name: str, other: str) -> bool:
    return other.startswith(name) if name.endswith("/") else name == other


if __name__ == "__main__":
    main()
