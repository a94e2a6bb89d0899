"""PIPE ends neither the container nor a daemon that ignores it."""

import signal

from conformance.scenarios.signals import check_harmless

WHY = "Whoever reads the output may go away; that is no reason to end."
BITTEN = ()
NEEDS = ()


def check(test):
    check_harmless(test, (signal.SIGPIPE,))
