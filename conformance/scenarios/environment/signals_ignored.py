"""A daemon starts with no ignored signal, although PID 1 was started with some."""

from conformance.scenarios.environment import check_no_signals
from conformance.supervisor import Claim

WHY = "What `nohup` or a shell's `&` ignores stays ignored in every program below, which then can't be interrupted."
BITTEN = ("openjdk/jdk#26615",)
NEEDS = (Claim.SIGNALS,)


def check(test):
    check_no_signals(test, "SigIgn", setup="trap '' HUP INT QUIT USR1 PIPE")
