"""How long a scan may last, and what the pusher sees of it."""

import contextlib
import signal
import sys
import time

STALL_SECONDS = 120  # without progress: far more than gitleaks needs for all that waits in its socket
SILENT_SECONDS = 2  # a scan that takes no longer says nothing
LINE_SECONDS = 3  # between two lines


class ScanTimeout(BaseException):
    """Not an Exception, so that nothing on its way takes it for a failure of its own."""


class Progress:
    """Called with a line at every step of the scan."""

    def __init__(self, seconds):
        self.seconds = seconds
        now = time.monotonic()
        self.deadline = now + seconds
        self.next_line = now + SILENT_SECONDS
        self.line = ""

    def __call__(self, line):
        now = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, max(min(STALL_SECONDS, self.deadline - now), 0.001))
        if line and now >= self.next_line and line != self.line:
            print(f"git-gate: {line}", file=sys.stderr, flush=True)
            self.next_line = now + LINE_SECONDS
            self.line = line

    def on_alarm(self, *_):
        if time.monotonic() >= self.deadline:
            raise ScanTimeout(f"timed out after {self.seconds} s")
        raise ScanTimeout(f"no progress for {STALL_SECONDS} s")


@contextlib.contextmanager
def time_limit(seconds):
    """Ends the block after these seconds, or when it has made no progress for a while."""
    progress = Progress(seconds)
    signal.signal(signal.SIGALRM, progress.on_alarm)
    progress("")
    try:
        yield progress
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
