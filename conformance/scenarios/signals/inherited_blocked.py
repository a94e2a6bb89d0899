"""A TERM ends the container although PID 1 has inherited it as blocked."""

from conformance.scenarios.signals import check_obeys

WHY = "A program that blocks signals for a moment and starts another one hands the mask on."
BITTEN = ("streamnative/pulsar-manager#218", "openjdk/jdk#10379")
NEEDS = ()


def check(test):
    check_obeys(test, 'set -- env --block-signal=TERM "$@"')
