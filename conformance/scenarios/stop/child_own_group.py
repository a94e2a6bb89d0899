"""A child of a daemon in a process group of its own gets TERM, and its time to finish."""

from conformance.job import IDLE
from conformance.scenarios.stop import check_child_finishes
from conformance.supervisor import Claim

WHY = "Shells with job control give each command a group of its own; a TERM to the daemon's group misses it."
BITTEN = ("canonical/pebble#594", "davmac314/dinit#435")
NEEDS = (Claim.DESCENDANTS,)

START = "python3 -c 'import os, sys; os.setpgid(0, 0); os.execv(sys.argv[1], sys.argv[1:])'"


def check(test):
    check_child_finishes(test, lambda child: f"{START} {child} &\n{IDLE}")
