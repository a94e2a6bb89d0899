"""PWR, IO, XCPU and STKFLT end neither the container nor a daemon that ignores them."""

import signal

from conformance.scenarios.signals import check_harmless

WHY = "Signals that nobody expects end a program by default, and with PID 1 all daemons."
BITTEN = ("krallin/tini#204",)
NEEDS = ()


def check(test):
    check_harmless(test, (signal.SIGPWR, signal.SIGIO, signal.SIGXCPU, signal.SIGSTKFLT))
