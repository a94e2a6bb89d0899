"""A daemon starts with no blocked and no ignored signal."""

from conformance.scenarios.environment import check_no_signals

WHY = (
    "Both pass from program to program; a daemon that inherits them misses its TERM, or never learns of a broken pipe."
)
BITTEN = ("openjdk/jdk#10379", "openjdk/jdk#26615")
NEEDS = ()


def check(test):
    check_no_signals(test, "SigBlk", "SigIgn")
