"""Answers to requests with credentials: what the agent gets of them, and whose they are."""

COMPRESSED = b"egress: the answer is compressed, although the request forbids that, so it may hide a credential\n"
PIPELOCK = b"blocked: "  # how a refusal of pipelock begins, in place of an answer of the host
OF_A_HEADER = PIPELOCK + b"request header"


def follow(flow, given):
    """Redacts the credentials. Call this once the head of the answer has arrived and its stream has been set."""
    response, redactor = flow.response, given.redactor
    given.status = response.status_code
    if _is_compressed(flow):
        return _replace(response)
    response.data.reason = redactor.redact(response.data.reason)
    response.headers = type(response.headers)(
        (redactor.redact(name), redactor.redact(value)) for name, value in response.headers.fields
    )
    before = response.stream

    def stream(data):
        given.beginning = given.beginning or data
        passed = redactor.feed(before(data)) if data else redactor.flush()
        return [passed] if passed else []  # to mitmproxy, no bytes would be the end of a message in chunks

    response.stream = stream


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
