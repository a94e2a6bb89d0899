"""Fetches from the upstream in a process of its own, so that a long fetch goes on when a client doesn't wait for it.

As a program, in the repository: the first fetch, which the entry point starts.
"""

import contextlib
import os
import select
import time
from pathlib import Path

import leftovers
import upstream

FETCHED = Path("git-gate.fetched")  # contains the upstream's URL once all of it has been fetched
LOG_SECONDS = 60  # between two lines about the progress of a fetch


def is_fetched():
    with contextlib.suppress(FileNotFoundError):
        return FETCHED.read_text(errors="surrogateescape") == upstream.URL
    return False


def update(seconds):
    """Fetches, or waits for who is fetching or pushing. Returns '' or why the repository may not be up to date."""
    deadline = time.monotonic() + seconds
    try:
        result = start(upstream.lock(upstream.LOCK, seconds))
        if select.select([result], [], [], max(0, deadline - time.monotonic()))[0]:
            return os.read(result, 65536).decode()
        problem = upstream.holder(upstream.LOCK)
    except upstream.Locked as locked:
        problem = str(locked)
    except OSError as error:  # the volume is full
        problem = f"cannot lock the repository: {error.strerror}"
    upstream.log(f"a client no longer waits for a fetch: {upstream.one_line(problem)}")
    return problem


def start(lock):
    """Starts a process that fetches, and that holds the lock until it ends. Returns a pipe: its error, if any."""
    result, error = os.pipe()
    gate = open_gate()
    if os.fork() == 0:
        try:
            null = os.open(os.devnull, os.O_RDWR)
            for inherited in (0, 1, 2):  # git daemon waits until its hook's pipe is closed
                os.dup2(null, inherited)
            message = fetch(lock, gate)
            with contextlib.suppress(BrokenPipeError):
                os.write(error, message.encode())
        finally:
            os._exit(0)
    for ours in (error, gate, lock):
        os.close(ours)
    return result


def open_gate():
    return os.pidfd_open(int(os.environ["GIT_GATE_PID"]))


def fetch(lock, gate):
    """Returns the error in one line, or ''."""
    first, begin = not is_fetched(), time.monotonic()
    logged = begin

    def report(line):
        nonlocal logged
        upstream.report(lock, f"a fetch from the upstream is in progress: {line}")
        if time.monotonic() - logged >= LOG_SECONDS:
            logged = time.monotonic()
            upstream.log(f"fetching from the upstream: {upstream.one_line(line)}")

    upstream.report(lock, "a fetch from the upstream is in progress")
    if first:
        upstream.log("first fetch from the upstream begins")
    try:
        upstream.fetch(gate=gate, report=report)
        if first:
            FETCHED.write_text(upstream.URL, errors="surrogateescape")
            upstream.log(f"first fetch from the upstream has ended after {time.monotonic() - begin:.0f} s")
    except Exception as error:  # nobody would see another one
        leftovers.remove(".")
        message = upstream.one_line(error if isinstance(error, (upstream.UpstreamError, OSError)) else repr(error))
        upstream.log(f"cannot fetch from the upstream{'' if first else ', serving what is here'}: {message}")
        return message
    return ""


if __name__ == "__main__":
    if not is_fetched():
        with contextlib.suppress(upstream.Locked):  # a client was faster
            fetch(upstream.lock(upstream.LOCK, 1), open_gate())
