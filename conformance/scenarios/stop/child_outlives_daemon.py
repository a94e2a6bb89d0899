"""A child of a daemon, in the same process group, has its time to finish, although the daemon itself ends at once."""

from conformance.job import IDLE
from conformance.scenarios.stop import check_child_finishes
from conformance.supervisor import Claim

WHY = "The workers of a server finish their requests after its main process has ended."
BITTEN = ("Yelp/dumb-init#212",)
NEEDS = (Claim.GROUPS, Claim.GRACE)


def check(test):
    check_child_finishes(test, lambda child: f"{child} &\n{IDLE}")
