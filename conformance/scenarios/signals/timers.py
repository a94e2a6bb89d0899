"""ALRM, VTALRM and PROF end neither the container nor a daemon that ignores them."""

import signal

from conformance.scenarios.signals import check_harmless

WHY = "A profiler or a timer that aims at the wrong process must not end all daemons."
BITTEN = ()
NEEDS = ()


def check(test):
    check_harmless(test, (signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF))
