"""Numbered lines: what a daemon writes must come out once, whole and in its order."""

import re
import time

from conformance.container import PATIENCE, Output, expect


def writing(name: str, count: int) -> str:
    """Shell commands that write so many lines, each by a `write` of its own, which a pipe takes whole."""
    return f"i=0; while [ $i -lt {count} ]; do echo {name}-line-$i.; i=$((i + 1)); done"


def await_all(output: Output, name: str, count: int) -> None:
    """Waits until all of them have come or no more come."""
    seen, since = 0, time.monotonic()
    while len(numbers(output, name, count)) < count and time.monotonic() - since < PATIENCE:
        if output.count(_mark(name)) > seen:
            seen, since = output.count(_mark(name)), time.monotonic()
        time.sleep(0.05)
    found = numbers(output, name)
    mixed = [line for line in output.bytes().splitlines() if line.count(b"-line-") > 1]
    expect(not mixed, f"a mixed line: {mixed[:1]}")
    missing = sorted(set(range(count)) - set(found))
    expect(not missing, f"{count - len(missing)} of {count} lines of {name} came out; not, for example, {missing[:3]}")
    expect(len(found) == count, f"{len(found) - count} lines of {name} came out twice")
    expect(found == list(range(count)), f"the lines of {name} are not in order")


def numbers(output: Output, name: str, least: int = 0) -> list[int]:
    """The numbers of the whole lines that have come; none as long as there are surely less than these."""
    if output.count(_mark(name)) < least:
        return []
    return [int(number) for number in re.findall(_mark(name) + rb"(\d+)\.\r*\n", output.bytes())]


def _mark(name: str) -> bytes:
    return f"{name}-line-".encode()
