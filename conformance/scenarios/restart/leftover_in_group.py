"""What a dead daemon left in its process group does not keep the port from the next start."""

from conformance.scenarios.restart import check_port_is_free
from conformance.supervisor import Claim

WHY = "A server's worker outlives its parent and holds the socket; then no restart succeeds until someone kills it."
BITTEN = ("canonical/pebble#594",)
NEEDS = (Claim.RESTART, Claim.GROUPS)


def check(test):
    check_port_is_free(test, "pass")
