"""Answers to requests with credentials: what the agent gets of them, and who gave them."""

import redaction

COMPRESSED = b"egress: the answer is compressed, although the request forbids that, so it may hide a credential\n"
PIPELOCK = b"blocked: "  # how a refusal of pipelock begins, in place of an answer of the host
OF_A_HEADER = PIPELOCK + b"request header"


class Answer:
    """The answer to one request."""

    def __init__(self, sent, values):
        """sent: what the request got. values: all of the host, which may have stored what other requests got."""
        self.sent = sent
        self.status = None  # as the host gave it
        self._redactor = redaction.Redactor(values)
        self._beginning = b""  # the first bytes of the body

    def follow(self, flow):
        """Redacts it. Call this once its head has arrived and its stream has been set."""
        response, redact = flow.response, self._redactor.redact
        self.status = response.status_code
        if _is_compressed(flow):
            return _replace(response)
        response.data.reason = redact(response.data.reason)
        response.headers = type(response.headers)(
            (redact(name), redact(value)) for name, value in response.headers.fields
        )
        before = response.stream

        def stream(data):
            self._beginning = self._beginning or data
            passed = self._redactor.feed(before(data)) if data else self._redactor.flush()
            return [passed] if passed else []  # to mitmproxy, no bytes would be the end of a message in chunks

        response.stream = stream

    def is_of_pipelock(self):
        """Whether pipelock gave it, and not the host."""
        return self.status == 403 and self._beginning.startswith(PIPELOCK)

    def blames_a_header(self):
        """Whether pipelock took a header of the request for a leak."""
        return self._beginning.startswith(OF_A_HEADER)


def _is_compressed(flow):
    headers, status = flow.response.headers, flow.response.status_code
    encodings = f"{headers.get('Content-Encoding', '')},{headers.get('Transfer-Encoding', '')}".lower().split(",")
    # mitmproxy does not ask for the stream of an empty body, so another text could not replace it
    empty = headers.get("Content-Length") == "0" or status < 200 or status in (204, 304)
    bodiless = flow.request.method == "HEAD" or empty
    return not bodiless and bool({each.strip() for each in encodings} - {"", "chunked", "identity"})


def _replace(response):
    response.status_code, response.reason = 502, "Bad Gateway"
    response.headers = type(response.headers)(
        [
            (b"Content-Type", b"text/plain; charset=utf-8"),
            (b"Content-Length", b"%d" % len(COMPRESSED)),
            (b"X-Blocked-By", b"egress credentials"),
        ]
    )
    before, rest = response.stream, [COMPRESSED]

    def stream(data):
        before(data)
        return [rest.pop()] if rest else []

    response.stream = stream
