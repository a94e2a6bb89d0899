"""Answers with the values of credentials struck out: a host may send back what it got."""

import base64
import binascii
import functools
import html
import json
import urllib.parse

SHORTEST = 8  # bytes; shorter ones would occur by chance
MARK = b"*"  # for each byte, so that lengths stay true


class StruckOut:
    """Bytes of a stream, without these values."""

    def __init__(self, values):
        self._forms = sorted({form for value in values for form in forms(value)}, key=len, reverse=True)
        self._held = b""

    def whole(self, data):
        """For data that is not part of the stream."""
        for form in self._forms:
            if form in data:
                data = data.replace(form, MARK * len(form))
        return data

    def part(self, data):
        """What of the stream can be passed on now. Only the beginning of a value, if it is one, waits for the rest."""
        data = self.whole(self._held + data)
        held = self._beginning(data)
        self._held = data[len(data) - held :]
        return data[: len(data) - held]

    def end(self):
        """The rest of the stream."""
        rest, self._held = self._held, b""
        return rest

    def _beginning(self, data):
        """How many bytes at the end are the beginning of a form."""
        longest = 0
        for form in self._forms:
            end = data[-(len(form) - 1) :]
            at = end.find(form[:1])
            while at >= 0 and not form.startswith(end[at:]):
                at = end.find(form[:1], at + 1)
            if at >= 0:
                longest = max(longest, len(end) - at)
        return longest


@functools.lru_cache(maxsize=100)  # for each request anew, this would take longer than all else
def forms(value):
    """What a host may make of this value, by the usual encodings."""
    raw = value.encode()
    found = {raw}
    for text in (value, *_of_basic(value)):
        quoted = urllib.parse.quote(text, safe="")
        as_json = json.dumps(text)[1:-1]
        found |= {text.encode(), quoted.encode(), quoted.replace("%", "%25").encode(), as_json.encode()}
        found |= {as_json.replace("/", "\\/").encode(), html.escape(text).encode(), html.escape(text, False).encode()}
        found.add(_lower_escapes(quoted).encode())
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
