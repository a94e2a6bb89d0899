"""Redacts the values of credentials in answers: a host may send back what it got."""

import base64
import binascii
import functools
import html
import json
import re
import urllib.parse

SHORTEST = 8  # bytes; shorter ones would occur by chance
MARK = b"*"  # for each byte, so that lengths stay true
NOT_QUOTED = ("", "/", "!'()*")  # in a URL: by none, by most, by encodeURIComponent()
ESCAPED_IN_JSON = (("", "x"), ("<>&", "x"), ("<>&+'`\"", "X"), ("<>&='", "x"))  # by most, Go, .NET and Gson
PRINTABLE = bytes(range(0x20, 0x7F))  # every form consists of these


class Redactor:
    """Replaces these values in a stream by asterisks."""

    def __init__(self, values):
        self._forms = sorted({form for value in values for form in forms(value)}, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(map(re.escape, self._forms)))  # of those that begin here, the longest
        self._longest = len(self._forms[0])
        self._held = b""

    def redact(self, data):
        """For data that is not part of the stream."""
        return self._split(data, len(data))[0]

    def feed(self, data):
        """What of the stream can be passed on now. The end of an incomplete line waits for the rest, as it may begin a
        value. How much must not depend on the value: the agent sees it, and could guess one byte after the other."""
        data = self._held + data
        last = data[-self._longest :]
        waiting = min(len(last) - len(last.rstrip(PRINTABLE)), self._longest - 1)
        passed, self._held = self._split(data, len(data) - waiting)
        return passed

    def flush(self):
        """The rest of the stream."""
        rest, self._held = self._held, b""
        return self.redact(rest)

    def _split(self, data, end):
        """The data before this place, or after it the end of the form that is there, redacted; and the rest."""
        if not any(form in data for form in self._forms):  # much faster than the pattern
            return data[:end], data[end:]
        passed, done = [], 0
        for match in self._pattern.finditer(data):
            if match.start() >= end:
                break
            passed += [data[done : match.start()], MARK * len(match[0])]
            done = match.end()
        end = max(end, done)
        return b"".join([*passed, data[done:end]]), data[end:]


@functools.lru_cache(maxsize=100)  # for each request anew, this would take longer than all else
def forms(value):
    """What a host may make of this value, by the usual encodings."""
    raw = value.encode()
    found = {raw}
    for text in (value, *_of_basic(value)):
        found |= {text.encode(), html.escape(text).encode(), html.escape(text, False).encode()}
        for safe in NOT_QUOTED:
            quoted = urllib.parse.quote(text, safe=safe)
            found |= {quoted.encode(), quoted.replace("%", "%25").encode(), _lower_escapes(quoted).encode()}
        for escaped, digits in ESCAPED_IN_JSON:
            as_json = "".join(f"\\u{ord(c):04{digits}}" if c in escaped else json.dumps(c)[1:-1] for c in text)
            found |= {as_json.encode(), as_json.replace("/", "\\/").encode()}
        for alphabet in (base64.b64encode, base64.urlsafe_b64encode):
            found |= set(_inside(text.encode(), alphabet))
        found |= {text.encode().hex().encode(), text.encode().hex().upper().encode()}
    return frozenset(form for form in found if len(form) >= SHORTEST)


def _lower_escapes(quoted):
    head, *rest = quoted.split("%")
    return "%".join([head, *(part[:2].lower() + part[2:] for part in rest)])


def _inside(data, encode):
    """How this data looks inside of larger data in base64, at each of the three ways to lie there."""
    for before in range(3):
        whole = encode(bytes(before) + data)
        yield whole[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]


def _of_basic(value):
    """The password, and with it the user, that a value for `Authorization: Basic` holds."""
    try:
        decoded = base64.b64decode(value, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return []
    if not decoded.isprintable() or ":" not in decoded:
        return []
    return [decoded, decoded.partition(":")[2]]
