"""An answer that arrives incomplete must not look complete to the agent."""

import os

from OpenSSL import SSL
from ruamel.yaml import YAML

MIB = 1 << 20
CONFIG = os.environ.get("PIPELOCK_CONFIG") or "/etc/pipelock.yaml"


def follow(flow):
    """Call this once the head of the answer has arrived."""
    response = flow.response
    encoding = response.headers.get("Transfer-Encoding", "").lower()
    until_close = "chunked" not in encoding and (encoding or "Content-Length" not in response.headers)
    bodiless = flow.request.method == "HEAD" or response.status_code < 200 or response.status_code in (204, 304)
    if until_close and not bodiless:
        # In chunks, the agent can tell the end of the answer from that of the connection.
        flow.metadata["until_close"] = True
        response.headers["Transfer-Encoding"] = "chunked" if encoding in ("", "identity") else f"{encoding}, chunked"
        response.headers["Connection"] = "close"
    flow.metadata["size"] = 0

    def count(data):
        flow.metadata["size"] += len(data)
        return data

    flow.response.stream = count


def cut(flow, tls):
    """Why the answer, whose last byte has arrived, is not complete; None if it is. tls: of the connection, or None."""
    if flow.metadata.get("until_close") and not (tls and tls.get_shutdown() & SSL.RECEIVED_SHUTDOWN):
        return "its connection ended too early"
    size = flow.metadata.get("size", 0)
    if flow.request.scheme == "http" and size and size % MIB == 0 and size == _limit(size):
        return f"pipelock cuts an answer to plain http off after {size // MIB} MiB, and does not say so; use https"
    return None


def _limit(size):
    """What pipelock forwards of an answer to plain http at most; this size if that is unknown."""
    try:
        with open(CONFIG, encoding="utf-8") as file:
            fetch_proxy = (YAML(typ="safe", pure=True).load(file) or {}).get("fetch_proxy") or {}
        return (fetch_proxy.get("max_response_mb") or 10) * MIB
    except Exception:
        return size
