"""Finds the secrets in a push.

It scans the new objects completely (file contents, file names, commits, tags), not a diff. So it finds a secret however
it came in (the resolution of a merge, a commit that a later one reverts), also where a diff would hide it (attributes,
renames, binary files).
"""

import contextlib
import subprocess
import tempfile
from dataclasses import replace
from operator import itemgetter

from archives import Unpacker
from findings import UNREADABLE, Finding, ScanError, Text
from gitleaks import Gitleaks
from ids import without_ids
from pieces import Pieces

MAX_OBJECT = 50 << 20  # it is held in memory


def find_secrets(commands, progress=lambda line: None):
    """The findings in the objects that these (old, new, ref) add, except ids and what the same file already has."""
    new = [new for _, new, _ in commands if new.strip("0")]
    unread = {}
    with tempfile.TemporaryFile(dir=".") as listed, Gitleaks() as gitleaks:
        total = list_objects(new, listed)
        pieces = Pieces()
        for _, data, number in texts(commands, listed, unread):
            line = f"scanned {number} of {total} objects"
            progress(line)
            for piece, chunks in pieces.new(data):
                gitleaks.feed(chunks, piece)
                progress(line)
        secrets = {}
        for finding in gitleaks.finish():
            key, line = max((chunk for chunk in finding.text if chunk[1] <= finding.line), key=itemgetter(1))
            secrets.setdefault(key, []).append((line, finding))
        # Of equal chunks gitleaks has read only one, so this looks where else they are.
        located = {}
        for text, data, number in texts(commands, listed, unread) if secrets else ():
            progress(f"located secrets in {number} of {total} objects")
            for key, line, *_ in pieces.chunks(data):
                for first, finding in secrets.get(key, ()):
                    # The newest commit comes first, and the oldest overwrites it: that is where the secret came in.
                    same = (finding.rule, text.kind, text.path, finding.secret, finding.match)
                    located.pop(same, None)
                    located[same] = replace(finding, text=text, line=line + finding.line - first + 1)
    found = {(one.rule, one.text.kind, one.text.path, one.secret): one for one in without_ids(list(located.values()))}
    return [*unread.values(), *without_known(list(found.values()), new)]


def without_known(findings, new):
    """The findings that the same file does not have where the push begins. It reads each such file once."""
    matches = {}
    for finding in findings:
        if finding.text.kind == "blob":
            matches.setdefault(finding.text.path, set()).add(finding.match)
    if not matches:
        return findings
    boundary = git("rev-list", "--boundary", *new, "--not", "--all").split()
    commits = [line[1:] for line in boundary if line.startswith("-")]
    known = set()
    for path, wanted in matches.items():
        for commit in commits:
            file = subprocess.run(["git", "cat-file", "blob", f"{commit}:{path}"], capture_output=True)
            if file.returncode == 0:
                text = file.stdout.decode(errors="surrogateescape")  # text=True would change the ends of Windows lines
                known.update((path, match) for match in wanted if match in text)
    return [
        finding
        for finding in findings
        if finding.text.kind != "blob" or (finding.text.path, finding.match) not in known
    ]


def first_commits(oids, new):
    """For each of these objects the first new commit with it, if there is one: a tag can point to a bare object."""
    if not oids:
        return {}
    log = git(
        "log",
        "--format=commit %H",
        "--reverse",
        "--raw",
        "--no-abbrev",
        "-m",
        "-t",
        "--no-renames",
        *(f"--find-object={oid}" for oid in oids),
        *new,
        "--not",
        "--all",
    )
    commits, commit = {}, None
    for line in log.splitlines():
        if line.startswith("commit "):
            commit = line.split()[1]
        elif line.startswith(":"):  # modes and ids before and after, the kind of change, the path
            for oid in oids.intersection(line.split()[2:4]):
                commits.setdefault(oid, commit)
    return commits


def git(*args):
    done = subprocess.run(["git", *args], capture_output=True, text=True, errors="surrogateescape")
    if done.returncode != 0:
        raise ScanError(f"git {args[0]}: {done.stderr.strip()}")
    return done.stdout


def texts(commands, listed, unread):
    """All that is to be scanned: text, content, number of the object. Adds to `unread` what can't be read."""
    for _, oid, ref in commands:
        yield Text("ref", oid), ref.encode(errors="surrogateescape"), 0
    for number, (kind, oid, path, data) in enumerate(objects(listed), 1):
        unpacker = Unpacker(data)
        for inside, content in unpacker.forms():
            yield Text(kind, oid, path, inside), content, number
        for reason in unpacker.unread:
            secret = f"{kind} {oid}"
            finding = Finding(UNREADABLE + reason, Text(kind, oid, path, True), 1, secret, secret)
            unread[finding.rule, path, oid] = finding


def list_objects(new, listed):
    """Lists the objects that are reachable from `new` and from no ref, and counts them."""
    if new:
        done = subprocess.run(["git", "rev-list", "--objects", *new, "--not", "--all"], stdout=listed)
        if done.returncode != 0:
            raise ScanError(f"git rev-list ended with {done.returncode}")
    listed.seek(0)
    return sum(block.count(b"\n") for block in iter(lambda: listed.read(1 << 20), b""))


def objects(listed):
    """The objects of the list: kind, id, path (of a file), content."""
    listed.seek(0)
    header = "--batch=%(objecttype) %(objectname) %(objectsize) %(rest)"
    with running(["git", "cat-file", "--buffer", header], stdin=listed, stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            kind, oid, size, path = line.decode(errors="surrogateescape").rstrip("\n").split(" ", 3)
            if int(size) > MAX_OBJECT:
                raise ScanError(f"{kind} {oid[:7]} is larger than {MAX_OBJECT >> 20} MiB")  # its name may be a secret
            data = process.stdout.read(int(size) + 1)[:-1]
            yield kind, oid, path, file_names(data, len(oid) // 2) if kind == "tree" else data
        if process.wait() != 0:
            raise ScanError(f"git cat-file ended with {process.returncode}")


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
