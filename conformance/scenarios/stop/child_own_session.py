"""A child of a daemon in a session of its own gets TERM, and its time to finish."""

from conformance.job import IDLE
from conformance.scenarios.stop import check_child_finishes
from conformance.supervisor import Claim

WHY = "Programs that put themselves into the background leave their session, and still have work to finish."
BITTEN = ("canonical/pebble#594", "davmac314/dinit#435")
NEEDS = (Claim.DESCENDANTS,)


def check(test):
    check_child_finishes(test, lambda child: f"setsid {child} &\n{IDLE}")
