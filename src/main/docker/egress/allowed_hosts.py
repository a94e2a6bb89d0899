"""The hosts that the agent may reach, for egress and pipelock: CLAUDE_BOTTLE_ALLOWED_HOSTS, else /etc/allowed-hosts.

egress and pipelock's scripts import this module. As a program it says what is wrong with the list, if anything is.
"""

import json
import os
import pathlib
import re
import sys
import typing

VARIABLE = "CLAUDE_BOTTLE_ALLOWED_HOSTS"
FILE = "/etc/allowed-hosts"
READY_LISTS = pathlib.Path(__file__).with_name("lists")
MARKS = ("passthrough", "http")
DEFAULT_PORTS = {"https": 443, "http": 80}

_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
# a last label like this makes the name an address: 127.1, 0x7f.0.0.1, 2130706433
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class InvalidHosts(Exception):
    """The message says on one line everything that is wrong with the list."""


class Entry(typing.NamedTuple):
    where: str  # for error messages
    pattern: str
    port: int | None
    marks: frozenset
    ready: bool = False  # from a ready list


def canonical(name):
    """The host name in lower case, with A-labels and no trailing dot; None if it is invalid or an address."""
    if len(name) > 255:  # the codec takes quadratic time
        return None
    try:
        ascii_name = name.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        return None
    if not _NAME.fullmatch(ascii_name) or _NUMBER.fullmatch(ascii_name.rpartition(".")[2]):
        return None
    return ascii_name


def split_port(text):
    """("host", 8443) for "host:8443", ("host", None) for "host"; None if the port is invalid."""
    host, colon, port = text.partition(":")
    if not colon:
        return host, None
    if not re.fullmatch("[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        return None
    return host, int(port)


def covering(pattern):
    """The patterns that match this name, or everything that this pattern matches."""
    labels = pattern.split(".")
    return (pattern, *("*." + ".".join(labels[i:]) for i in range(1, len(labels))))


class AllowedHosts:
    """Entries `HOST[:PORT] [MARK...]`. Each allows https, at 443 or its port. The mark `http` allows plain http too, at
    80 or its port. The mark `passthrough` asks pipelock not to look inside TLS to HOST, at any port."""

    def __init__(self, entries, source):
        """source: what the list was read from. Raises InvalidHosts if entries contradict each other."""
        self.source = source
        self._ports = {}  # of each pattern: pairs of scheme and port
        for entry in entries:
            allowed = self._ports.setdefault(entry.pattern, set())
            schemes = ("https", *(entry.marks & {"http"}))
            allowed.update((scheme, entry.port or DEFAULT_PORTS[scheme]) for scheme in schemes)
        # The operator's own entry for a host decides whether pipelock scans it, whatever a ready list says.
        own = {entry.pattern for entry in entries if not entry.ready}
        entries = [entry for entry in entries if not entry.ready or entry.pattern not in own]
        passed = {entry.pattern: entry.where for entry in entries if "passthrough" in entry.marks}
        self.passthrough = list(passed)
        mistakes = []
        for entry in entries:
            other = next((pattern for pattern in covering(entry.pattern) if pattern in passed), None)
            if other and "passthrough" not in entry.marks:
                mistakes.append(
                    f"{entry.where}: {entry.pattern} must have the mark passthrough, too, because pipelock would not "
                    f"scan it either ({passed[other]}: {other} passthrough)"
                )
        if mistakes:
            raise InvalidHosts("; ".join(mistakes))

    def __eq__(self, other):
        return isinstance(other, AllowedHosts) and vars(self) == vars(other)

    @property
    def patterns(self):
        return list(self._ports)

    def allows(self, scheme, name, port):
        """Whether the agent may reach this canonical name at this port by this scheme, http or https."""
        return any((scheme, port) in self._ports.get(pattern, ()) for pattern in covering(name))

    def allows_by_name(self, name, port):
        """Whether an entry of its own, not a wildcard, allows https to this canonical name at this port."""
        return ("https", port) in self._ports.get(name, ())

    def example(self):
        """A scheme, name and port that the list allows."""
        pattern, allowed = next(iter(self._ports.items()))
        scheme, port = min(allowed)
        return scheme, pattern.replace("*", "example"), port


def _entry(where, text, ready=False):
    address, *marks = text.split()
    host_and_port = split_port(address)
    host, port = host_and_port or (None, None)
    wildcard, name = ("*.", host[2:]) if host and host.startswith("*.") else ("", host)
    name = canonical(name) if name else None
    if name is None:
        raise InvalidHosts(
            f"{where}: {json.dumps(address)} is not a host; expected api.example.com or *.example.com, maybe with :port"
        )
    for mark in marks:
        if mark not in MARKS:
            raise InvalidHosts(f"{where}: {json.dumps(mark)} is not a mark; expected {' or '.join(MARKS)}")
    return Entry(where, wildcard + name, port, frozenset(marks), ready)


def ready_list_names():
    return sorted(os.listdir(READY_LISTS))


def ready_list(name):
    return [_entry(where, text, ready=True) for where, text in _lines(READY_LISTS / name, f"@{name}")]


def _expand(where, text):
    """The entries that this text stands for."""
    if not text.startswith("@"):
        return [_entry(where, text)]
    name, *marks = text[1:].split() or [""]
    if name not in ready_list_names():
        known = ", ".join("@" + known for known in ready_list_names())
        raise InvalidHosts(f"{where}: {json.dumps('@' + name)} is not a ready list; expected one of {known}")
    if marks:
        raise InvalidHosts(f"{where}: @{name} takes no marks; list a host of it with the marks that it should have")
    return ready_list(name)


def _lines(path, label):
    """Pairs of a location and the text there, without comments and blank lines."""
    with open(path, encoding="utf-8-sig") as file:  # some editors begin with a byte order mark
        lines = [(f"{label}:{number}", line.partition("#")[0].strip()) for number, line in enumerate(file, 1)]
    return [(where, text) for where, text in lines if text]


def file(environ):
    """The path of the file that counts; None if the variable counts."""
    return None if environ.get(VARIABLE) else environ.get("ALLOWED_HOSTS_FILE") or FILE


def read(environ=os.environ):
    """Reads the list, or raises InvalidHosts."""
    source = file(environ) or VARIABLE
    try:
        if source == VARIABLE:
            located = [(VARIABLE, text.strip()) for text in environ[VARIABLE].split(",") if text.strip()]
        else:
            located = _lines(source, source)
    except (OSError, UnicodeError) as error:
        raise InvalidHosts(
            f"{source}: {getattr(error, 'strerror', None) or 'not UTF-8 text'}; it must list the allowed hosts"
        ) from None
    if not located:
        raise InvalidHosts(f"{source} names no host; the agent could reach nothing")
    entries, mistakes = [], []
    for where, text in located:
        try:
            entries += _expand(where, text)
        except InvalidHosts as error:
            mistakes.append(str(error))
    if mistakes:
        raise InvalidHosts("; ".join(mistakes))
    return AllowedHosts(entries, source)


if __name__ == "__main__":
    try:
        read()
    except InvalidHosts as error:
        sys.exit(str(error))
