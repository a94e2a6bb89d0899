"""The gate's repository mirrors the upstream: it fetches before each access, and a push goes to the upstream first.

The entry point has checked CLAUDE_BOTTLE_GIT_UPSTREAM and set up git's environment. Without an upstream, the gate's
repository is the final destination.
"""

import contextlib
import fcntl
import os
import select
import shutil
import signal

from git_process import UpstreamError, run

URL = os.environ.get("CLAUDE_BOTTLE_GIT_UPSTREAM", "")
LOCK = "git-gate.lock"  # held by a fetch or a push, which synchronise our refs with the upstream's
MIN_FREE = 16 << 20  # with less space on the volume, git fails, and not always with a reason
LOG_FD = 3  # the entry point's stderr; git redirects that of the hooks

# git daemon ignores TERM while it serves, and children inherit that. But TERM must end a scan, and our git processes.
signal.signal(signal.SIGTERM, signal.SIG_DFL)
os.environ.pop("GIT_EXEC_PATH", None)  # exec/git is only for receive-pack


class Locked(UpstreamError):
    """Another process holds the lock; the message is what it does."""


def log(line):
    with contextlib.suppress(OSError):  # a hook that is run by hand has no log
        os.write(LOG_FD, f"git-gate: {line}\n".encode(errors="backslashreplace"))


def printable(text):
    return "".join(character if character.isprintable() else "?" for character in text)


def one_line(text, limit=600):
    line = printable(" / ".join(part.strip() for part in str(text).splitlines() if part.strip()))
    return line if len(line) <= limit else "… " + line[-limit:]


def volume_is_full():
    return shutil.disk_usage(".").free < MIN_FREE


def lock(file, seconds=None):
    """Locks the repository in the working directory. Returns a descriptor; closing it releases the lock.

    The file contains what the holder does, for those who wait."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def on_alarm(*_):
        raise Locked(holder(file) or f"the repository has been locked for {seconds} s")

    previous = signal.signal(signal.SIGALRM, on_alarm)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds or 0)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        signal.setitimer(signal.ITIMER_REAL, 0)
    except BaseException:
        os.close(descriptor)
        raise
    finally:
        signal.signal(signal.SIGALRM, previous)
    report(descriptor, "")
    return descriptor


def holder(file):
    with open(file, errors="replace") as lock:
        return lock.read(400)


def report(descriptor, text):
    with contextlib.suppress(OSError):  # the volume is full
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text.encode(), 0)


def hold_until_parent_exits(lock):
    """receive-pack updates the refs after its hook, and a fetch must not change them in between."""
    parent = os.pidfd_open(os.getppid())
    if os.fork() == 0:
        for other in (0, 1, 2):  # receive-pack waits until its pipes are closed
            os.close(other)
        select.select([parent], [], [])
        os._exit(0)
    os.close(parent)
    os.close(lock)


def fetch(**progress):
    """Makes our branches and tags equal to the upstream's, and HEAD its default branch."""
    listed = run("ls-remote", "--symref", URL, "HEAD", "refs/heads/*", "refs/tags/*", **progress).splitlines()
    head = next((line.split()[1] for line in listed if line.startswith("ref: ") and line.endswith("\tHEAD")), None)
    theirs = {
        line.replace("\t", " ") for line in listed if line[:5] != "ref: " and not line.endswith(("^{}", "\tHEAD"))
    }
    ours = set(run("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags").splitlines())
    if theirs != ours:
        run(
            "fetch",
            "--progress",
            "--prune",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            URL,
            "+refs/heads/*:refs/heads/*",
            "+refs/tags/*:refs/tags/*",
            **progress,
        )
    if head and head != run("symbolic-ref", "HEAD").strip():
        run("symbolic-ref", "HEAD", head)


def push(commands, **progress):
    """Pushes atomically, and only if the upstream's refs are still those that the pusher has seen. The
    pusher's own git has checked whether that needs --force."""
    leases = [f"--force-with-lease={ref}:{old if old.strip('0') else ''}" for old, _, ref in commands]
    refs = [f"{new if new.strip('0') else ''}:{ref}" for _, new, ref in commands]
    atomic = ["--atomic"] if len(refs) > 1 else []
    run("push", "--progress", *atomic, *leases, URL, *refs, **progress)
