"""A daemon starts with no blocked signal, although PID 1 was started with some."""

from conformance.scenarios.environment import check_no_signals
from conformance.supervisor import Claim

WHY = "Some engines and wrappers start what they start with signals blocked."
BITTEN = ("openjdk/jdk#10379",)
NEEDS = (Claim.SIGNALS,)


def check(test):
    check_no_signals(test, "SigBlk", setup='set -- env --block-signal=HUP,USR1,USR2,QUIT,WINCH "$@"')
