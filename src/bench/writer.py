"""writer.py START_MARKER START_SIGNAL NAME KIND LENGTH SECONDS: a daemon that writes lines as fast as its pipe allows.

KIND `block`: 64 KB of lines per write(2), like a program that buffers; at this size even Python costs almost nothing.
KIND `line`: one write(2) per line, like most guards; then the writers use more processor time than the reader.
"""

import os
import signal
import sys
import time

BLOCK = 64 * 1024


def line(name: str, length: int) -> bytes:
    """The line that the writer repeats, with its newline. Equal lines are easy to count."""
    return name.encode().ljust(length - 1, b"x") + b"\n"


def main() -> None:
    start_marker, start_signal, name, kind, length, seconds = sys.argv[1:]
    text = line(name, int(length))
    block = text * (BLOCK // len(text)) if kind == "block" else text
    # reading the clock costs as much as a short write
    writes_per_check = 1 if kind == "block" else 64
    write_marker(start_marker, name)
    with open(start_signal, "rb", buffering=0) as fifo:
        fifo.read(1)
    written = 0
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        for _ in range(writes_per_check):
            written += os.write(1, block)
    write_marker(start_marker, f"{name} {written}")
    while True:
        signal.pause()


def write_marker(start_marker: str, message: str) -> None:
    with open(start_marker, "wb", buffering=0) as fifo:
        fifo.write(message.encode() + b"\n")


if __name__ == "__main__":
    main()
