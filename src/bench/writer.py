"""writer.py BELL GO NAME KIND LENGTH SECONDS: a daemon that writes lines as quickly as its pipe takes them.

KIND `block`: 64 KB of lines a write(2), as a program with a buffer does; at that size even Python costs next to nothing.
KIND `line`: a write(2) for each line, as most guards do; then the writers use more of the processors than who reads.
"""

import os
import signal
import sys
import time

BLOCK = 64 * 1024


def line(name: str, length: int) -> bytes:
    """The writer's one line, newline included; that all are alike makes them easy to count."""
    return name.encode().ljust(length - 1, b"x") + b"\n"


def main() -> None:
    bell, go, name, kind, length, seconds = sys.argv[1:]
    text = line(name, int(length))
    block = text * (BLOCK // len(text)) if kind == "block" else text
    # looking at the clock costs as much as a short write
    often = 1 if kind == "block" else 64
    ring(bell, name)
    with open(go, "rb", buffering=0) as gate:
        gate.read(1)
    written = 0
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        for _ in range(often):
            written += os.write(1, block)
    ring(bell, f"{name} {written}")
    while True:
        signal.pause()


def ring(bell: str, message: str) -> None:
    with open(bell, "wb", buffering=0) as fifo:
        fifo.write(message.encode() + b"\n")


if __name__ == "__main__":
    main()
