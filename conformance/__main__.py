"""Runs the suite; conformance/README.md says how."""

import os
import signal
import sys

from conformance import page, suite, supervisors, table


def main() -> None:
    # as an exception, so that the cleanup of everything that runs takes place
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    if os.geteuid() != 0:
        sys.exit("cannot run the suite: only root can make namespaces and daemons of other users")
    wanted_scenarios = select("SCENARIO", {scenario.name: scenario for scenario in suite.all_scenarios()})
    wanted_supervisors = select("SUPERVISOR", {supervisor.name: supervisor for supervisor in supervisors.ALL})
    results = table.run(wanted_scenarios, wanted_supervisors)
    if not os.environ.get("SCENARIO") and not os.environ.get("SUPERVISOR"):
        page.write(results)


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
