"""What a dead daemon left in a process group of its own does not keep the port from the next start."""

from conformance.scenarios.restart import check_port_is_free
from conformance.supervisor import Claim

WHY = "Shells with job control and some servers give each child a group; the group of the daemon is only a part of it."
BITTEN = ("canonical/pebble#594", "davmac314/dinit#435")
NEEDS = (Claim.RESTART, Claim.DESCENDANTS)


def check(test):
    check_port_is_free(test, "os.setpgid(child, child)")
