"""The gate's repository mirrors the upstream: it fetches before each access, and a push goes to the upstream first.

The entry point has checked CLAUDE_BOTTLE_GIT_UPSTREAM and set up git's environment. Without an upstream, the gate's
repository is the final destination.
"""

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import time

URL = os.environ.get("CLAUDE_BOTTLE_GIT_UPSTREAM", "")
FETCH_SECONDS = 30  # then a reader gets what is here
PUSH_SECONDS = 120
LOCK = "git-gate.lock"  # held by a fetch or a push, which synchronise our refs with the upstream's
LOG_FD = 3  # the entry point's stderr; git redirects that of the hooks

# git daemon ignores TERM while it serves, and children inherit that. But TERM must end a scan, and our git processes.
signal.signal(signal.SIGTERM, signal.SIG_DFL)


class UpstreamError(Exception):
    """The upstream is unreachable, or it has refused."""


def log(line):
    with contextlib.suppress(OSError):  # a hook that is run by hand has no log
        os.write(LOG_FD, f"git-gate: {line}\n".encode(errors="backslashreplace"))


def run(seconds, *args):
    # git forbids ref updates in a quarantine. An upstream in a local directory must not inherit ours.
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
    """Locks the repository in the working directory. Returns a descriptor; closing it releases the lock."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise UpstreamError(f"the repository has been locked for {seconds} s") from None
            time.sleep(0.05)


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


def fetch():
    """Makes our branches and tags equal to the upstream's, and HEAD its default branch."""
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
    """Pushes atomically, and only if the upstream's refs are still those that the pusher has seen. The
    pusher's own git has checked whether that needs --force."""
    leases = [f"--force-with-lease={ref}:{old if old.strip('0') else ''}" for old, _, ref in commands]
    refs = [f"{new if new.strip('0') else ''}:{ref}" for _, new, ref in commands]
    atomic = ["--atomic"] if len(refs) > 1 else []
    run(PUSH_SECONDS, "push", "--quiet", *atomic, *leases, URL, *refs)
