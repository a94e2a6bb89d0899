"""ignoring.py NUMBERS PROGRAM: executes it; these signals are ignored, the others unblocked and by default."""

import contextlib
import os
import signal
import sys

ignored = {int(number) for number in sys.argv[1].split(",") if number}
for number in signal.valid_signals():
    # KILL and STOP can't be set
    with contextlib.suppress(OSError, ValueError):
        signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_SETMASK, ())
os.execv(sys.argv[2], sys.argv[2:])
