"""Real-time signals end neither the container nor a daemon that ignores them."""

from conformance.scenarios.signals import check_harmless

WHY = "Images made for systemd are stopped by RTMIN+3; a PID 1 that dies of it leaves no time to any daemon."
BITTEN = ("serversideup/docker-php#529", "krallin/tini#204")
NEEDS = ()


def check(test):
    # RTMIN and RTMIN+3, by the C library
    check_harmless(test, (34, 37))
