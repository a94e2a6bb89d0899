"""A TERM ends the container although PID 1 has inherited it as ignored."""

from conformance.scenarios.signals import check_obeys

WHY = "Shells and process managers start programs with signals ignored, which no program notices by itself."
BITTEN = ()
NEEDS = ()


def check(test):
    check_obeys(test, "trap '' TERM")
