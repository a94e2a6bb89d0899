"""The form of a request: what egress and pipelock could read differently, or what egress does not support."""

import re

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(rb"[\x00-\x20\x7f]")
_CONTROL_IN_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")  # folded lines, too


def fault(request, tunnel):
    """(status, reason) if the request must not be forwarded, else None. tunnel: it came inside of a CONNECT."""
    data = request.data
    connect = request.method == "CONNECT"
    if not connect and not tunnel and not data.authority:
        return 400, "this is a proxy: a request needs an absolute URL, as in GET http://host/path, or CONNECT"
    if connect and tunnel:
        return 400, "there must be no tunnel inside of a tunnel"
    if data.http_version.startswith((b"HTTP/2", b"HTTP/3")):
        return 505, "HTTP/2 and HTTP/3 are not supported; use HTTP/1.1"
    if data.http_version != b"HTTP/1.1" and not (connect and data.http_version == b"HTTP/1.0"):
        return 505, "only HTTP/1.1 is supported: with older versions an answer that was cut off looks complete"
    asterisk = data.path == b"*" and request.method == "OPTIONS" and tunnel
    if not connect and not asterisk and (not data.path.startswith(b"/") or _CONTROL.search(data.path)):
        return 400, "the request target is malformed"
    if not _TOKEN.fullmatch(data.method):
        return 400, "the method is malformed"
    for name, value in request.headers.fields:
        if not _TOKEN.fullmatch(name) or _CONTROL_IN_VALUE.search(value):
            return 400, "a header is malformed: it has a control character or is folded over several lines"
        if name.lower() == b"content-length" and not re.fullmatch(rb"[0-9]{1,18}", value):
            return 400, "the Content-Length is malformed"
    return None
