"""What mitmproxy does not do by itself, done at its internals; the tests run with the image's version and Debian's.

- A request that fails is answered in plain text, without what the server sent. If pipelock refused its CONNECT, with
  pipelock's status and reason.
- Trailers of HTTP/1 are dropped, as RFC 9110 permits. mitmproxy raises an exception for them.
- Informational responses (1xx) are dropped. mitmproxy takes them for the final one.
- A connection that is closed while data arrives is closed. With mitmproxy 12 its peer would wait for ever.
- An exception ends the connection, whose peer would wait for an answer otherwise.
- A log record is one line, and a connection or request causes one at most.
- The bytes that wait for their turn on a connection are limited.
- The limit of an idle connection holds with a version without the option tcp_timeout, too.
"""

import logging
import os
import re
import sys
import traceback

import h11
from log_lines import one_line, printable, write
from mitmproxy import http, log
from mitmproxy.addons import proxyserver
from mitmproxy.net.http import http1
from mitmproxy.proxy import events, server
from mitmproxy.proxy.layers.http import _http1, _upstream_proxy

PIPELOCK = os.environ["EGRESS_PIPELOCK"]
REFUSAL_BODY = 4096  # bytes of pipelock's reason to wait for
WAITING = 256 << 10  # bytes of a head, or of requests that follow a pending one
# records of which a peer can cause several, or one besides that of its request
NOISE = (
    "TLS Error: ",
    "Server TLS handshake failed",
    "Sent HTTP 101 response",
    "HTTP/2 cleartext",
    "Initiating HTTP/2",
)


class Failure(str):
    """The text of an error, which mitmproxy passes on as it is, with the status of the response."""

    status: int
    by: str

    @classmethod
    def of(cls, status, text, by="egress"):
        failure = cls(text)
        failure.status = status
        failure.by = by
        return failure


def refusal(raw):
    """The Failure in these bytes if they are a complete refusal of CONNECT, else None."""
    head, end, body = raw.partition(b"\r\n\r\n")
    status = re.match(rb"HTTP/1\.[01] ([3-5][0-9]{2})\b", head)
    if not end or not status:
        return None
    length = re.search(rb"(?i)\r\ncontent-length: *([0-9]{1,9})\r\n", head + b"\r\n")
    if length and len(body) < min(int(length[1]), REFUSAL_BODY):
        return None
    text = printable(" ".join(body[:REFUSAL_BODY].decode("utf-8", "replace").split()))
    code = int(status[1])
    return Failure.of(code if code >= 400 else 502, f"pipelock refused: {text or code}", "pipelock")


class UpstreamProxy(_upstream_proxy.HttpUpstreamProxy):
    """The connection to pipelock."""

    def receive_handshake_data(self, data):
        raw = bytes(self.buf) + data
        if not self.send_connect or not re.match(rb"HTTP/1\.[01] [3-5]", raw):
            return (yield from super().receive_handshake_data(data))
        self.buf += data
        return False, refusal(raw)

    def event_to_child(self, event):
        failed = isinstance(event, events.OpenConnectionCompleted) and event.reply
        if failed and event.command.connection == self.conn:
            event.reply = self._failure(event.reply)
        yield from super().event_to_child(event)

    def _failure(self, error):
        if isinstance(error, Failure):
            return error
        host, port = self.tunnel_connection.address
        if f"{host}:{port}" != PIPELOCK:
            return Failure.of(
                502, "the policy of egress is not loaded, so no request leaves; the log of egress says why"
            )
        # it closed the connection before its refusal was complete
        partial = refusal(re.sub(rb"(?i)\r\ncontent-length:[^\r]*", b"", bytes(self.buf)))
        return partial or Failure.of(
            502, f"pipelock does not answer, so no request leaves ({printable(error)}); sidecar-init status says more"
        )


def error_text(message):
    """The text of an error for the agent and the log. mitmproxy quotes what a peer sent, and a server may send a
    credential in any form, or a part of it."""
    if isinstance(message, Failure):
        return printable(message)
    return printable(re.sub(r"(?s)(\bb|: \[?)['\"].*", "...", str(message)))


def error_response(status, message=""):
    status = getattr(message, "status", status)
    headers = {"Content-Type": "text/plain; charset=utf-8", "Connection": "close"}
    if isinstance(message, Failure):
        headers["X-Blocked-By"] = message.by
    return http1.assemble_response(http.Response.make(status, f"egress: {error_text(message)}\n", headers))


class ChunkedReader(_http1.ChunkedReader):
    def __call__(self, buf):
        event = super().__call__(buf)
        return h11.EndOfMessage() if isinstance(event, h11.EndOfMessage) else event


def _drop_informational_responses(client_class):
    original = client_class.read_headers
    informational = re.compile(rb"HTTP/1\.[01] 1(?!01)[0-9]{2}\b")

    def read_headers(self, event):
        if self.request and isinstance(event, events.DataReceived):
            while informational.match(bytes(self.buf)[:13]) and self.buf.maybe_extract_lines():
                pass
        yield from original(self, event)

    client_class.read_headers = read_headers


class ReceiveBuffer(_http1.ReceiveBuffer):
    def __iadd__(self, data):
        buffer = super().__iadd__(data)
        if len(self) > WAITING:
            raise ValueError(f"more than {WAITING} bytes wait on a connection")
        return buffer


def _close_after_a_crash(handler_class):
    original = handler_class.log

    def log_and_close(self, message, *args, **kwargs):
        if not message.startswith("mitmproxy has crashed!"):
            return original(self, message, *args, **kwargs)
        if getattr(self, "crashed", False):  # what arrives until the connection is closed
            return None
        self.crashed = True
        exception = sys.exc_info()[1]
        write(f"connection closed: {one_line(''.join(traceback.format_exception(exception)))}")
        io = self.transports.get(self.client)
        if io and io.handler:
            io.handler.cancel("crashed")
        elif io and io.writer:
            io.writer.close()
        return None

    handler_class.log = log_and_close


def _close_when_cancelled(handler_class):
    original = handler_class.handle_connection

    async def handle_connection(self, connection):
        try:
            await original(self, connection)
        finally:  # mitmproxy 12 forgets this if it closes the connection while data waits for its turn
            io = self.transports.pop(connection, None)
            if io and io.writer:
                io.writer.close()

    handler_class.handle_connection = handle_connection


def _is_noise(text):
    return any(noise in text for noise in NOISE)


class OneLine(logging.Filter):
    def filter(self, record):
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + "".join(traceback.format_exception(*record.exc_info))
        record.msg, record.args = one_line(text), ()
        record.exc_info = record.exc_text = record.stack_info = None
        return not _is_noise(record.msg)


class OneLineEntry(log.LogEntry):
    """mitmproxy before version 9 logs these, and no records of the standard library."""

    def __init__(self, msg, level):
        super().__init__(one_line(str(msg)), "debug" if _is_noise(str(msg)) else level)


def _replace(module, name, value):
    getattr(module, name)  # another version may not have it, and then the add-on must not load
    setattr(module, name, value)


def _install():
    _replace(_upstream_proxy, "HttpUpstreamProxy", UpstreamProxy)
    _replace(_http1, "make_error_response", error_response)
    _replace(_http1, "ChunkedReader", ChunkedReader)
    _replace(_http1, "ReceiveBuffer", ReceiveBuffer)
    _replace(log, "LogEntry", OneLineEntry)
    _drop_informational_responses(_http1.Http1Client)
    try:
        from mitmproxy.proxy.mode_servers import ProxyConnectionHandler
    except ImportError:
        ProxyConnectionHandler = proxyserver.ProxyConnectionHandler
    _close_after_a_crash(ProxyConnectionHandler)
    _close_when_cancelled(ProxyConnectionHandler)
    if hasattr(server.TimeoutWatchdog, "CONNECTION_TIMEOUT"):
        server.TimeoutWatchdog.CONNECTION_TIMEOUT = int(os.environ["EGRESS_IDLE_SECONDS"])
    for handler in (*logging.getLogger().handlers, logging.lastResort):
        handler.addFilter(OneLine())
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of each write after the peer has gone
    sys.unraisablehook = lambda error: write(one_line("".join(traceback.format_exception(error.exc_value))))


_install()  # once, not at each reload of the add-on
