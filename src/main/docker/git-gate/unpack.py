"""Runs `git index-pack …` or `git unpack-objects …` for receive-pack, and tells the pusher and the log why it failed.

Otherwise the log would say nothing, and often the pusher's terminal neither: see drain().
"""

import os
import re
import select
import signal
import subprocess
import sys
import time

import upstream

FSCK = re.compile(r"(?:error: )?object ([0-9a-f]{7})[0-9a-f]*: (\w+):")  # the rest of the line is the pusher's text
QUIET_SECONDS = 1  # without data: this was the end of the push
DRAIN_SECONDS = 300


def main():
    with subprocess.Popen(["git", *sys.argv[1:]], stderr=subprocess.PIPE) as git:
        tail = b""
        while chunk := os.read(git.stderr.fileno(), 65536):
            sys.stderr.buffer.write(chunk)
            sys.stderr.buffer.flush()
            tail = (tail + chunk)[-8192:]
    if git.returncode == 0:
        return 0
    cause = reason(tail.decode(errors="replace"), git.returncode)
    print(f"git-gate: push refused: {cause}", file=sys.stderr, flush=True)
    upstream.log(f"push refused: {cause}")
    drain()
    return 1


def reason(text, code):
    lines = [line.rpartition("\r")[2].strip() for line in text.splitlines()]
    for line in lines:
        if found := FSCK.match(line):
            return f"object {found[1]} is malformed: {found[2]} (see git help fsck)"
    errors = [line for line in lines if line.startswith(("fatal: ", "error: "))]
    if any("exceeds maximum allowed size" in line for line in errors):
        return upstream.one_line(f"{errors[-1].partition(' ')[2]}; push the history in several parts")
    if code < 0:
        return f"git was killed by {signal.Signals(-code).name}"
    return upstream.one_line(errors[-1].partition(" ")[2]) if errors else f"git ended with {code}"


def drain():
    """Reads the rest of the push. A connection that is closed with unread data is reset, and our message is lost."""
    end = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < end and select.select([0], [], [], QUIET_SECONDS)[0]:
        if not os.read(0, 1 << 20):
            return


sys.exit(main())
