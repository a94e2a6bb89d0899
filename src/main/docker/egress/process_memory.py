"""Keeps the keys that egress has in memory from other processes, also from those of its user."""

import ctypes
import os

PR_SET_DUMPABLE = 4  # prctl(2)


def protect():
    """No core, and only root with CAP_SYS_PTRACE reads the memory and /proc/PID/environ. execve(2) undoes this, so a
    wrapper's call would not last."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
