"""What a scan finds, and why one may fail."""

from dataclasses import dataclass

UNREADABLE = "unreadable-"  # starts the rule of an archive that can't be scanned; "secret": kind and id of the object


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
