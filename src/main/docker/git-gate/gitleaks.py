"""Runs gitleaks over texts, and says in which text and line it found something."""

import bisect
import contextlib
import json
import os
import secrets
import socket
import subprocess

from findings import Finding, ScanError, Text

GITLEAKS = os.environ.get("GITLEAKS_BIN") or "gitleaks"
CONFIG = os.environ.get("GIT_GATE_GITLEAKS_CONFIG") or "/etc/gitleaks.toml"

LEAKS = 3  # our value for --exit-code of gitleaks, because 1 also means that it failed
MESSAGE = 100_000  # gitleaks reads this much at a time and scans each piece separately
GAP = b"\n" * 8  # between two texts: no pattern spans it, and gitleaks looks for an empty line before it cuts
OVERLAP = 16_000  # of two pieces of one text: longer than any private key


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
