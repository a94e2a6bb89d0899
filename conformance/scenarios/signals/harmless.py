"""WINCH, URG, CHLD and CONT end neither the container nor a daemon that ignores them."""

import signal

from conformance.scenarios.signals import check_harmless

WHY = "A resized terminal sends WINCH, and some base images stop their server by it."
BITTEN = ()
NEEDS = ()


def check(test):
    check_harmless(test, (signal.SIGWINCH, signal.SIGURG, signal.SIGCHLD, signal.SIGCONT))
