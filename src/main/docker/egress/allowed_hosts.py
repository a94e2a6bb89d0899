"""The hosts that the agent may reach, for egress and pipelock: CLAUDE_BOTTLE_ALLOWED_HOSTS, else /etc/allowed-hosts.

egress imports this module. As a program it prints the list as pipelock's api_allowlist, or an error.
"""

import json
import os
import re
import sys

VARIABLE = "CLAUDE_BOTTLE_ALLOWED_HOSTS"
FILE = "/etc/allowed-hosts"
MARKS = ("passthrough", "http")
DEFAULT_PORTS = {"https": 443, "http": 80}

_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
# a last label like this makes the name an address: 127.1, 0x7f.0.0.1, 2130706433
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class InvalidHosts(Exception):
    """The message says on one line what is wrong with the list."""


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


class AllowedHosts:
    """Entries `HOST[:PORT] [MARK...]`. Each allows https, at 443 or its port. The mark `http` allows plain http too, at
    80 or its port. The mark `passthrough` asks pipelock not to look inside TLS to HOST, at any port."""

    def __init__(self, entries):
        """entries: pairs of a location, for error messages, and the text there."""
        self._ports = {}  # of each pattern: pairs of scheme and port
        self.passthrough = []
        for where, text in entries:
            pattern, port, marks = _entry(where, text)
            allowed = self._ports.setdefault(pattern, set())
            allowed.update((scheme, port or DEFAULT_PORTS[scheme]) for scheme in ("https", *(marks & {"http"})))
            if "passthrough" in marks and pattern not in self.passthrough:
                self.passthrough.append(pattern)

    @property
    def patterns(self):
        return list(self._ports)

    def allows(self, scheme, name, port):
        """Whether the agent may reach this canonical name at this port by this scheme, http or https."""
        labels = name.split(".")
        parents = ("*." + ".".join(labels[i:]) for i in range(1, len(labels)))
        return any((scheme, port) in self._ports.get(pattern, ()) for pattern in (name, *parents))

    def example(self):
        """A scheme, name and port that the list allows."""
        pattern, allowed = next(iter(self._ports.items()))
        scheme, port = min(allowed)
        return scheme, pattern.replace("*", "example"), port


def _entry(where, text):
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
    return wildcard + name, port, set(marks)


def read(environ=os.environ):
    """Reads the list, or raises InvalidHosts."""
    given = environ.get(VARIABLE, "")
    if given:
        source, entries = VARIABLE, [(VARIABLE, text.strip()) for text in given.split(",")]
    else:
        source = environ.get("ALLOWED_HOSTS_FILE") or FILE
        try:
            with open(source, encoding="utf-8") as file:
                entries = [
                    (f"{source}:{number}", line.partition("#")[0].strip()) for number, line in enumerate(file, 1)
                ]
        except (OSError, UnicodeError) as error:
            raise InvalidHosts(
                f"{source}: {getattr(error, 'strerror', None) or 'not UTF-8 text'}; it must list the allowed hosts"
            ) from None
    entries = [(where, text) for where, text in entries if text]
    if not entries:
        raise InvalidHosts(f"{source} names no host; the agent could reach nothing")
    return AllowedHosts(entries)


if __name__ == "__main__":
    try:
        print("api_allowlist:", json.dumps(read().patterns))
    except InvalidHosts as error:
        sys.exit(str(error))
