"""A child of a daemon, in the same process group, gets TERM too, and its time to finish."""

from conformance.scenarios.stop import check_child_finishes
from conformance.supervisor import Claim

WHY = "A shell script as entry point does not pass TERM on to the program that it runs."
BITTEN = ("F1bonacc1/process-compose#33",)
NEEDS = (Claim.GROUPS,)


def check(test):
    # the daemon waits for the child, whatever it gets itself
    check_child_finishes(test, lambda child: f"trap : TERM\n{child} &\nwhile kill -0 $! 2>/dev/null; do wait $!; done")
