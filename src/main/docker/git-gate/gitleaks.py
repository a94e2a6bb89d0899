"""Runs gitleaks over texts, and says in which text and line it found something."""

import bisect
import contextlib
import json
import os
import secrets
import select
import socket
import subprocess

from findings import Finding, ScanError

GITLEAKS = os.environ.get("GITLEAKS_BIN") or "gitleaks"
CONFIG = os.environ.get("GIT_GATE_GITLEAKS_CONFIG") or "/etc/gitleaks.toml"

LEAKS = 3  # our value for --exit-code of gitleaks, because 1 also means that it failed
MESSAGE = 100_000  # gitleaks reads this much at a time and scans each message separately
USUAL_MESSAGE = 16_000  # it tries fewer rules on each of several small messages than on a large one
GAP = b"\n" * 8  # between two texts: no pattern spans it, and gitleaks looks for an empty line before it cuts
OVERLAP = 16_000  # of two messages with one text: longer than any private key
MAX_PROCESSES = 4  # of about 50 MB each
MAX_FED = 64 << 20  # then another process takes over, because gitleaks keeps each message with a finding
MAX_REPORT = 16 << 20
MAX_FINDINGS = 50_000


class Gitleaks:
    """Several processes of gitleaks, each on a core; the second one starts when the first has enough to do."""

    def __init__(self):
        self.processes = []
        self.limit = min(len(os.sched_getaffinity(0)), MAX_PROCESSES)
        self.found = []
        self.message = bytearray()
        self.places = []  # of each text in the message: the line where it starts, the line of the text, its place
        self.line = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()

    def feed(self, place, data):
        """The finding in this text will have the place as its `text`, and count lines from 0."""
        line, at, step = 0, 0, MESSAGE - len(GAP) - OVERLAP
        while True:
            piece = data[at : at + step + OVERLAP]
            if self.message and len(self.message) + len(piece) + len(GAP) > USUAL_MESSAGE:
                self.flush()
            self.places.append((self.line, line, place))
            self.message += piece + GAP
            self.line += piece.count(b"\n") + len(GAP)
            if at + step + OVERLAP >= len(data):
                return
            line += data.count(b"\n", at, at + step)
            at += step

    def flush(self):
        if self.message:
            process = self.free_process()
            process.send(self.message, self.places)
            if process.fed > MAX_FED:
                self.processes.remove(process)
                self.end(process)
        self.message, self.places, self.line = bytearray(), [], 0

    def free_process(self):
        """The sockets hold a few messages, so that no process ever waits for one."""
        _, free, _ = select.select([], self.processes, [], 0)
        if not free and len(self.processes) < self.limit:
            self.processes.append(Process())
            return self.processes[-1]
        if not free:
            _, free, _ = select.select([], self.processes, [])
        return free[0]

    def finish(self):
        self.flush()
        if not self.processes and not self.found:
            self.processes.append(Process())  # a gitleaks that can't run is an error, though there is nothing to scan
        for process in self.processes:
            process.close()
        while self.processes:
            self.end(self.processes.pop(0))
        return self.found

    def end(self, process):
        try:
            self.found += process.findings()
        finally:
            process.kill()
        if len(self.found) > MAX_FINDINGS:
            raise ScanError(f"gitleaks found more than {MAX_FINDINGS} secrets")


class Process:
    """One process `gitleaks stdin`. Its stdin is a socket with message boundaries, so that each read of gitleaks is one
    message: we choose where it cuts, and cuts hide no secret."""

    def __init__(self):
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
            self.socket.close()
            raise ScanError(f"gitleaks: {error.strerror}") from error
        finally:
            stdin.close()
        self.places = []  # as in Gitleaks, with the line of gitleaks' whole input
        self.next_line = 1
        self.fed = 0
        self.mark = "git-gate-end-of-scan-" + secrets.token_hex(16)
        # a first message without content, because gitleaks guesses the file type from it and skips binary files
        self.send(GAP, [])

    def fileno(self):
        return self.socket.fileno()

    def kill(self):
        self.socket.close()
        self.process.kill()
        self.process.communicate()

    def send(self, message, places):
        self.places += [(self.next_line + line, *place) for line, *place in places]
        self.next_line += message.count(b"\n")
        self.fed += len(message)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # gitleaks is dead: findings() says why
            self.socket.send(message)

    def close(self):
        """After the last message."""
        if self.fileno() >= 0:
            self.send(self.mark.encode() + GAP, [(0, 0, self)])
            self.socket.close()

    def findings(self):
        self.close()
        report = self.process.stdout.read(MAX_REPORT + 1)
        if len(report) > MAX_REPORT:
            raise ScanError("gitleaks found too much to report")
        _, errors = self.process.communicate()
        if self.process.returncode != LEAKS or errors:
            last = errors.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
            raise ScanError(f"gitleaks ended with {self.process.returncode}: {last[0]}")
        try:
            found = [self.located(finding) for finding in json.loads(report)]
        except (ValueError, KeyError, TypeError) as error:
            raise ScanError("gitleaks wrote an unreadable report") from error
        if not any(finding.secret == self.mark and finding.text is self and finding.line == 0 for finding in found):
            raise ScanError("gitleaks did not read all of it")
        return [finding for finding in found if finding.text is not self]

    def located(self, finding):
        line = finding["StartLine"]
        index = max(bisect.bisect_right(self.places, line, key=lambda place: place[0]) - 1, 0)
        start, first, place = self.places[index]
        return Finding(finding["RuleID"], place, line - start + first, finding["Secret"], finding["Match"])
