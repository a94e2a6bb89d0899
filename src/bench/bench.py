"""Compares Sidecar Init with its peers and writes docs/benchmarks.md, which explains the switches of `make bench`."""

import json
import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path

import peers
import report
import scenarios
from launch import Workspace

RESULTS = peers.TOP / "target" / "bench" / "results.json"


def main() -> None:
    # as an exception, so that the cleanup of everything that runs takes place
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    wanted = [name for name in os.environ.get("ONLY", "").replace(",", " ").split() if name != "report"]
    unknown = set(wanted) - set(scenarios.ALL)
    if unknown:
        sys.exit(f"cannot measure {', '.join(sorted(unknown))}: there are {', '.join(scenarios.ALL)}, and report")
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"scenarios": {}}
    if os.environ.get("ONLY", "").strip() != "report":
        measure(wanted or list(scenarios.ALL), results)
    if not results["scenarios"]:
        sys.exit(f"cannot write the page: {RESULTS} has no results")
    report.write(results, peers.TOP / "docs")


def measure(wanted: list[str], results: dict) -> None:
    # builds Sidecar Init if it is stale, so that no start below has to
    built = subprocess.run([peers.TOP / "sidecar-init", "--version"], stdout=subprocess.DEVNULL)
    if built.returncode:
        sys.exit("cannot measure: the build of Sidecar Init failed")
    found, absent = peers.available()
    results["absent"] = absent
    results["machine"] = machine()
    results["versions"] = {peer.name: peer.version() for peer in found}
    workspace = Workspace()
    try:
        for name in wanted:
            print(name, flush=True)
            began = time.monotonic()
            bench = scenarios.Bench(found, workspace, os.environ.get("QUICK", "0") not in ("", "0"), {}, {})
            scenarios.ALL[name](bench)
            results["scenarios"][name] = {
                "at": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
                "quick": bench.quick,
                "seconds": round(time.monotonic() - began),
                "load": os.getloadavg()[0],
                "numbers": bench.numbers,
                "failures": bench.failures,
            }
            # after each scenario, so that a later failure loses nothing
            RESULTS.parent.mkdir(parents=True, exist_ok=True)
            RESULTS.write_text(json.dumps(results, indent=1))
    finally:
        workspace.clear()


def machine() -> dict:
    models = [
        line.split(":")[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return {
        "processors": len(os.sched_getaffinity(0)),
        "model": models[0] if models else platform.machine(),
        "kernel": platform.release(),
        "load": os.getloadavg()[0],
    }


if __name__ == "__main__":
    main()
