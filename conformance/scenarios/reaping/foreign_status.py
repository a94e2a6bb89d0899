"""The exit status of an orphan is never taken for the one of a daemon that ends at the same moment."""

from conformance.container import expect
from conformance.job import Policy
from conformance.supervisor import Claim

WHY = "The container's exit code decides whether it is started again, and tells what went wrong."
BITTEN = ("canonical/pebble#284", "lineofflight/frankfurter#558")
NEEDS = (Claim.TEARDOWN, Claim.EXIT_CODE)

ORPHANS = 200


def check(test):
    for _ in range(5):
        job = test.job(policy=Policy.TEARDOWN)
        gate = job.directory / "gate"
        job.daemon(
            "parent",
            f"mkfifo {gate}; exec 3<>{gate}\n"
            f"(i=0; while [ $i -lt {ORPHANS} ]; do (read line <&3; exit 7) & i=$((i + 1)); done)\n"
            f"lines=$(yes '' | head -n {ORPHANS}; echo .)\nprintf %s \"${{lines%.}}\" >&3\nexit 3",
        )
        with test.start(job) as container:
            code = container.await_exit(within=60)
            expect(code == 3, f"exit code {code} instead of 3")
