"""Finds the secrets in a push.

It scans the new objects completely (file contents, file names, commits, tags), not a diff. So it finds a secret however
it came in (the resolution of a merge, a commit that a later one reverts), also where a diff would hide it (attributes,
renames, binary files).
"""

import bisect
import bz2
import contextlib
import gzip
import io
import json
import lzma
import os
import secrets
import socket
import subprocess
import tarfile
import zipfile
from dataclasses import dataclass

GITLEAKS = os.environ.get("GITLEAKS_BIN") or "gitleaks"
CONFIG = os.environ.get("GIT_GATE_GITLEAKS_CONFIG") or "/etc/gitleaks.toml"

MAX_OBJECT = 50 << 20  # it is held in memory
MAX_UNPACKED = 100 << 20  # from all archives of a push
MAX_ARCHIVE_DEPTH = 4  # a zip in a tar.gz is 3 deep

LEAKS = 3  # our value for --exit-code of gitleaks, because 1 also means that it failed
MESSAGE = 100_000  # gitleaks reads this much at a time and scans each piece separately
GAP = b"\n" * 8  # between two texts: no pattern spans it, and gitleaks looks for an empty line before it cuts
OVERLAP = 16_000  # of two pieces of one text: longer than any private key


class ScanError(Exception):
    """The push could not be scanned, so it must not pass."""


@dataclass
class Text:
    kind: str  # blob, tree, commit, tag or ref
    oid: str
    path: str = ""
    inside: bool = False  # it comes from an archive


@dataclass
class Finding:
    rule: str
    text: Text
    line: int
    secret: str
    match: str


def find_secrets(commands):
    """The findings in the objects that these (old, new, ref) add, except those that the same file already contains."""
    new = [new for _, new, _ in commands if new.strip("0")]
    findings = {}
    with Gitleaks() as gitleaks:
        for _, oid, ref in commands:
            gitleaks.feed(Text("ref", oid), ref.encode(errors="surrogateescape"))
        if new:
            unpacker = Unpacker()
            for kind, oid, path, data in new_objects(new):
                for inside, content in unpacker.variants(data):
                    gitleaks.feed(Text(kind, oid, path, inside), content)
        for finding in gitleaks.finish():
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


class Unpacker:
    """The forms of a text to scan: as it is, as UTF-16 or UTF-32 (approximately), and the members of archives."""

    def __init__(self):
        self.left = MAX_UNPACKED

    def variants(self, data, depth=0):
        yield depth > 0, data
        if b"\0" in data:
            yield depth > 0, data.replace(b"\0", b"")
        if depth < MAX_ARCHIVE_DEPTH:
            for member in self.members(data):
                yield from self.variants(member, depth + 1)

    def members(self, data):
        try:
            for file in open_members(io.BytesIO(data), data[:6], data[257:262]):
                member = file.read(self.left + 1)
                self.left -= len(member)
                if self.left < 0:
                    raise ScanError(f"its archives contain more than {MAX_UNPACKED >> 20} MiB")
                yield member
        except ScanError:
            raise
        except Exception:  # a broken or encrypted archive, which has been scanned as it is
            return


def open_members(file, magic, tar_magic):
    if magic.startswith(b"\x1f\x8b"):
        yield gzip.GzipFile(fileobj=file)
    elif magic.startswith(b"BZh"):
        yield bz2.BZ2File(file)
    elif magic == b"\xfd7zXZ\0":
        yield lzma.LZMAFile(file)
    elif tar_magic == b"ustar":
        with tarfile.open(fileobj=file, mode="r:") as tar:
            yield from (tar.extractfile(member) for member in tar if member.isreg())
    elif zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            yield from (archive.open(member) for member in archive.infolist())


class Gitleaks:
    """One process `gitleaks stdin`. Its stdin is a socket with message boundaries, so that each read of gitleaks is one
    message: we choose where it cuts, and cuts hide no secret."""

    def __enter__(self):
        self.socket, stdin = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * MESSAGE)
        # -i and cwd: no .gitleaksignore. Not --redact: the hook needs the secret to keep it out of its messages.
        argv = [
            GITLEAKS,
            "stdin",
            "--no-banner",
            "--log-level",
            "error",
            "--config",
            CONFIG,
            "-i",
            "/nonexistent",
            "--ignore-gitleaks-allow",
            "--exit-code",
            str(LEAKS),
            "--report-format",
            "json",
            "--report-path",
            "-",
        ]
        try:
            self.process = subprocess.Popen(argv, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/")
        except OSError as error:
            raise ScanError(f"gitleaks: {error.strerror}") from error
        finally:
            stdin.close()
        self.starts = []  # of each piece: the line of gitleaks' whole input where it starts
        self.pieces = []  # of each piece: its text, and the line of the text where it starts
        # a first message without content, because gitleaks guesses the file type from it and skips binary files
        self.message = bytearray(GAP)
        self.next_line = len(GAP) + 1
        self.flush()
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.process.kill()
        self.process.communicate()

    def feed(self, text, data):
        line, at, step = 1, 0, MESSAGE - len(GAP) - OVERLAP
        while True:
            piece = data[at : at + step + OVERLAP]
            if len(self.message) + len(piece) + len(GAP) > MESSAGE:
                self.flush()
            self.starts.append(self.next_line)
            self.pieces.append((text, line))
            self.message += piece + GAP
            self.next_line += piece.count(b"\n") + len(GAP)
            if at + step + OVERLAP >= len(data):
                return
            line += data.count(b"\n", at, at + step)
            at += step

    def flush(self):
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # gitleaks is dead: finish() says why
            self.socket.send(self.message)
        self.message.clear()

    def finish(self):
        end = Text("end", "")
        mark = "git-gate-end-of-scan-" + secrets.token_hex(16)
        self.flush()
        self.feed(end, mark.encode())
        end_line = self.starts[-1]
        self.flush()
        self.socket.close()
        report, errors = self.process.communicate()
        if self.process.returncode != LEAKS or errors:
            last = errors.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
            raise ScanError(f"gitleaks ended with {self.process.returncode}: {last[0]}")
        try:
            found = [self.located(finding) for finding in json.loads(report)]
        except (ValueError, KeyError, TypeError) as error:
            raise ScanError("gitleaks wrote an unreadable report") from error
        if not any(finding.secret == mark and line == end_line for line, finding in found):
            raise ScanError("gitleaks did not read all of it")
        return [finding for _, finding in found if finding.text is not end]

    def located(self, finding):
        line = finding["StartLine"]
        index = max(bisect.bisect_right(self.starts, line) - 1, 0)
        text, first = self.pieces[index]
        return line, Finding(
            finding["RuleID"], text, line - self.starts[index] + first, finding["Secret"], finding["Match"]
        )
