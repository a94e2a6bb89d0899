"""The gate's repository is a mirror of the upstream: it takes the upstream's refs before anybody looks, and a push goes upstream first.

The entry point has checked CLAUDE_BOTTLE_GIT_UPSTREAM and set up git's environment; without it the gate is the last stop.
"""

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import time

URL = os.environ.get("CLAUDE_BOTTLE_GIT_UPSTREAM", "")
FETCH_SECONDS = 30  # a reader waits that long, then gets what is there
PUSH_SECONDS = 120
LOCK = "git-gate.lock"  # for what brings our refs and the upstream's together: a fetch, a push
LOG = 3  # the entry point's stderr; git takes the hooks' own

# git daemon ignores TERM while it serves, and that is inherited. A stop must end a scan, and we must be able to end a git.
signal.signal(signal.SIGTERM, signal.SIG_DFL)


class UpstreamError(Exception):
    """The upstream could not be reached, or has refused."""


def log(line):
    with contextlib.suppress(OSError):  # a hook that is run by hand has no log
        os.write(LOG, f"git-gate: {line}\n".encode(errors="backslashreplace"))


def run(seconds, *args):
    # A ref update is forbidden in quarantine; an upstream that is a local directory must not think that this is about its refs.
    environment = {name: value for name, value in os.environ.items() if name != "GIT_QUARANTINE_PATH"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "errors": "surrogateescape"}
    with subprocess.Popen(["git", *args], env=environment, **pipes) as git:
        try:
            out, errors = git.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            git.terminate()  # git then ends its own children
            raise UpstreamError(f"git {args[0]}: no answer within {seconds} s") from None
    if git.returncode != 0:
        raise UpstreamError(errors.strip() or f"git {args[0]} ended with {git.returncode}")
    return out


def lock(file, seconds):
    """One at a time, for the repository in the working directory. Returns a descriptor; closing it gives the lock back."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise UpstreamError(f"others have been at it for {seconds} s") from None
            time.sleep(0.05)


def keep_until_parent_ends(lock):
    """receive-pack updates the refs after its hook: a fetch in between would move them under its feet."""
    parent = os.pidfd_open(os.getppid())
    if os.fork() == 0:
        for other in (0, 1, 2):  # receive-pack waits until nobody holds its pipes
            os.close(other)
        select.select([parent], [], [])
        os._exit(0)
    os.close(parent)
    os.close(lock)


def fetch():
    """Make our branches and tags those of the upstream, and HEAD its default branch."""
    listed = run(FETCH_SECONDS, "ls-remote", "--symref", URL, "HEAD", "refs/heads/*", "refs/tags/*").splitlines()
    head = next((line.split()[1] for line in listed if line.startswith("ref: ") and line.endswith("\tHEAD")), None)
    theirs = {
        line.replace("\t", " ") for line in listed if line[:5] != "ref: " and not line.endswith(("^{}", "\tHEAD"))
    }
    ours = set(
        run(FETCH_SECONDS, "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags").splitlines()
    )
    if theirs != ours:
        run(
            FETCH_SECONDS,
            "fetch",
            "--quiet",
            "--prune",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            URL,
            "+refs/heads/*:refs/heads/*",
            "+refs/tags/*:refs/tags/*",
        )
    if head and head != run(FETCH_SECONDS, "symbolic-ref", "HEAD").strip():
        run(FETCH_SECONDS, "symbolic-ref", "HEAD", head)


def push(commands):
    """All of it or nothing, and only if the upstream's refs are still what the pusher has seen. Whether to force was the pusher's decision,
    and its git has made it say so."""
    leases = [f"--force-with-lease={ref}:{old if old.strip('0') else ''}" for old, _, ref in commands]
    refs = [f"{new if new.strip('0') else ''}:{ref}" for _, new, ref in commands]
    atomic = ["--atomic"] if len(refs) > 1 else []
    run(PUSH_SECONDS, "push", "--quiet", *atomic, *leases, URL, *refs)
