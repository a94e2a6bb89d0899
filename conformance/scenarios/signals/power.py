"""PWR, IO and XCPU end neither the container nor a daemon that ignores them."""

import signal

from conformance.scenarios.signals import check_harmless

WHY = "`lxc-stop` sends PWR and a limit of processor time XCPU; a PID 1 that dies of one takes all daemons with it."
BITTEN = ("krallin/tini#204",)
NEEDS = ()


def check(test):
    check_harmless(test, (signal.SIGPWR, signal.SIGIO, signal.SIGXCPU))
