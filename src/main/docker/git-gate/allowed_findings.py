"""The operator's list of findings that pass. One a line: `RULE HASH WHERE`, as a refusal prints it, or a comment.

WHERE is `file PATH`, `hidden-file HASH` (of a path that must not be printed), `file-name`, `commit`, `tag` or `ref`.
A rule or path with unusual characters is a JSON string. The hash is slow to compute, because the list and the log have
readers and must not help to guess a password. Run by hand, this file checks the list.
"""

import functools
import hashlib
import json
import os
import re
import sys

VARIABLE = "CLAUDE_BOTTLE_GIT_ALLOWED_FINDINGS"
PATH = os.environ.get(VARIABLE) or "/etc/allowed-findings"
MAX_MISTAKES = 10  # in one message

QUOTED = r'"(?:[^"\\]|\\.)*"'
PLAIN = re.compile(r"[!#-~](?:[ -~]*[!-~])?")  # ASCII, no space at the ends, no quote at the start
PLAIN_RULE = re.compile(r"[\w.-]+", re.ASCII)
LINE = re.compile(
    rf"(?P<rule>{QUOTED}|[\w.-]+) (?P<hash>[0-9a-f]{{32}})"
    rf" (?P<where>file-name|commit|tag|ref|hidden-file [0-9a-f]{{32}}|file (?P<path>{QUOTED}|[^\s\"].*))",
    re.ASCII,
)


class ListError(Exception):
    """The list can't be used, so it allows nothing."""


class AllowedFindings:
    def __init__(self, lines=()):
        self.entries = set()
        mistakes = []
        for number, line in enumerate(lines, 1):
            if line.strip() and not line.lstrip().startswith("#"):
                try:
                    self.entries.add(entry(line.strip()))
                except ValueError:
                    mistakes.append(f"line {number} is not RULE HASH WHERE")
        if mistakes:
            more = f"; and {len(mistakes) - MAX_MISTAKES} more" if len(mistakes) > MAX_MISTAKES else ""
            raise ListError(f"{PATH}: {'; '.join(mistakes[:MAX_MISTAKES])}{more}")
        self.places = {(rule, where) for rule, _, where in self.entries}
        self.hidden = {rule for rule, _, where in self.entries if where.startswith("hidden-file ")}

    def __contains__(self, finding):
        rule = finding.rule
        places = {where(finding)} if (rule, where(finding)) in self.places else set()
        if rule in self.hidden and finding.text.kind == "blob":
            places.add(where(finding, hide=True))
        return any((rule, digest(finding.secret), place) in self.entries for place in places)


def read():
    try:
        with open(PATH, encoding="utf-8-sig", errors="surrogateescape", newline="\n") as file:
            return AllowedFindings(file)
    except FileNotFoundError:
        if os.environ.get(VARIABLE):
            raise ListError(f"{PATH}: no such file") from None
        return AllowedFindings()
    except OSError as error:
        raise ListError(f"{PATH}: {error.strerror}") from error


def entry(line):
    fields = LINE.fullmatch(line)
    if not fields:
        raise ValueError(line)
    where, path = fields["where"], fields["path"]
    return unquoted(fields["rule"]), fields["hash"], f"file {quoted(unquoted(path))}" if path else where


def line(finding, hide):
    """What the operator adds to the list in order to allow a finding; with `hide` without the file's name."""
    return f"{quoted(finding.rule, PLAIN_RULE)} {digest(finding.secret)} {where(finding, hide)}"


def where(finding, hide=False):
    text = finding.text
    if text.kind == "blob":
        return f"hidden-file {digest(text.path)}" if hide else f"file {quoted(text.path)}"
    return "file-name" if text.kind == "tree" else text.kind


def quoted(text, plain=PLAIN):
    return text if plain.fullmatch(text) else json.dumps(text)


def unquoted(text):
    return json.loads(text, strict=False) if text.startswith('"') else text


@functools.cache
def digest(value):
    return hashlib.scrypt(
        value.encode(errors="surrogatepass"), salt=b"git-gate allowed finding", n=1 << 14, r=8, p=1, dklen=16
    ).hex()


if __name__ == "__main__":
    try:
        read()
    except ListError as error:
        sys.exit(str(error))
