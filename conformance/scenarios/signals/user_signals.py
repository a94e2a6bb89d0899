"""USR1 and USR2 end neither the container nor a daemon that ignores them."""

import signal

from conformance.scenarios.signals import check_harmless

WHY = "Programs that look for a server's process id send these to reopen logs; a plain PID 1 dies of them."
BITTEN = ("krallin/tini#204", "docker/cli#3909")
NEEDS = ()


def check(test):
    check_harmless(test, (signal.SIGUSR1, signal.SIGUSR2))
