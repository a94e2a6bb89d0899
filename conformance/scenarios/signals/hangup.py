"""HUP ends neither the container nor a daemon that ignores it."""

import signal

from conformance.scenarios.signals import check_harmless

WHY = "HUP means `reload` to most servers; an engine or a script that sends it does not want the end of the container."
BITTEN = ("krallin/tini#204", "ochinchina/supervisord#225")
NEEDS = ()


def check(test):
    check_harmless(test, (signal.SIGHUP,))
