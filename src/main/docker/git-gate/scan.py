"""Finds the secrets in a push.

It scans the new objects completely (file contents, file names, commits, tags), not a diff. So it finds a secret however
it came in (the resolution of a merge, a commit that a later one reverts), also where a diff would hide it (attributes,
renames, binary files).
"""

import contextlib
import subprocess

from archives import Unpacker
from findings import UNREADABLE, Finding, ScanError, Text
from gitleaks import Gitleaks
from ids import without_ids

MAX_OBJECT = 50 << 20  # it is held in memory


def find_secrets(commands):
    """The findings in the objects that these (old, new, ref) add, except ids and what the same file already has."""
    new = [new for _, new, _ in commands if new.strip("0")]
    findings = {}
    with Gitleaks() as gitleaks:
        for _, oid, ref in commands:
            gitleaks.feed(Text("ref", oid), ref.encode(errors="surrogateescape"))
        if new:
            for kind, oid, path, data in new_objects(new):
                unpacker = Unpacker(data)
                for inside, content in unpacker.forms():
                    gitleaks.feed(Text(kind, oid, path, inside), content)
                for reason in unpacker.unread:
                    unread = Finding(UNREADABLE + reason, Text(kind, oid, path, True), 1, oid, oid)
                    findings[unread.rule, kind, path, oid] = unread
        for finding in without_ids(gitleaks.finish()):
            # The newest commit comes first, and the oldest overwrites it: that is where the secret came in.
            findings[finding.rule, finding.text.kind, finding.text.path, finding.secret] = finding
    if not findings or not new:
        return list(findings.values())
    known = [line[1:] for line in git("rev-list", "--boundary", *new, "--not", "--all").split() if line.startswith("-")]
    return [finding for finding in findings.values() if not any(is_known(finding, commit) for commit in known)]


def is_known(finding, commit):
    if finding.text.kind != "blob":
        return False
    file = subprocess.run(
        ["git", "cat-file", "blob", f"{commit}:{finding.text.path}"], capture_output=True, errors="surrogateescape"
    )
    return file.returncode == 0 and finding.match in file.stdout


def first_commit(oid, new):
    """The first new commit with this object, or None: a tag can point to a bare object."""
    log = git(
        "log",
        "--format=commit %H",
        "--reverse",
        "--raw",
        "-m",
        "-t",
        "--no-renames",
        f"--find-object={oid}",
        *new,
        "--not",
        "--all",
    )
    return next((line.split()[1] for line in log.splitlines() if line.startswith("commit ")), None)


def git(*args):
    done = subprocess.run(["git", *args], capture_output=True, text=True, errors="surrogateescape")
    if done.returncode != 0:
        raise ScanError(f"git {args[0]}: {done.stderr.strip()}")
    return done.stdout


def new_objects(new):
    """The objects reachable from `new` and from no ref: kind, id, path (of a file), content."""
    with contextlib.ExitStack() as stack:
        listed = stack.enter_context(
            running(["git", "rev-list", "--objects", *new, "--not", "--all"], stdout=subprocess.PIPE)
        )
        header = "--batch=%(objecttype) %(objectname) %(objectsize) %(rest)"
        objects = stack.enter_context(running(["git", "cat-file", header], stdin=listed.stdout, stdout=subprocess.PIPE))
        listed.stdout.close()  # so that rev-list ends when cat-file does
        for line in objects.stdout:
            kind, oid, size, path = line.decode(errors="surrogateescape").rstrip("\n").split(" ", 3)
            if int(size) > MAX_OBJECT:
                raise ScanError(f"{kind} {oid[:7]} is larger than {MAX_OBJECT >> 20} MiB")  # its name may be a secret
            data = objects.stdout.read(int(size) + 1)[:-1]
            yield kind, oid, path, file_names(data, len(oid) // 2) if kind == "tree" else data
        for process in (listed, objects):
            if process.wait() != 0:
                raise ScanError(f"git {process.args[1]} ended with {process.returncode}")


@contextlib.contextmanager
def running(argv, **kwargs):
    with subprocess.Popen(argv, **kwargs) as process:
        try:
            yield process
        finally:
            process.kill()


def file_names(tree, oid_length):
    names, at = [], 0
    while at < len(tree):
        end = tree.index(b"\0", at)
        names.append(tree[tree.index(b" ", at) + 1 : end])
        at = end + 1 + oid_length
    return b"\n".join(names)
