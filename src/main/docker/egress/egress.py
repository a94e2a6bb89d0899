"""mitmproxy add-on: the agent reaches the hosts on the allow-list, through pipelock, and nothing else.

mitmdump starts with a dead end as its upstream. Only _forward() below sends a request to pipelock, as the last step for
a request that is allowed. So a request that this add-on never saw does not leave: mitmproxy drops an add-on whose file
is gone, and continues when a hook fails.
"""

import functools
import os
import typing
import weakref

import allowed_hosts
import complete_answers
import connection_limit
import live_credentials
import live_hosts
import mitmproxy_fixes
import process_memory
import request_form
from denied import Denied
from log_lines import printable, write
from mitmproxy import connection, ctx, http

HEALTH_HOST = "egress.health"
BUFFERED_BODY = 1 << 20  # a refusal is sent after the request's body has arrived; a larger upload is cut off instead


class Upstream(typing.NamedTuple):
    """mitmproxy's server spec, which is a named tuple in some versions and a plain tuple in others."""

    scheme: str
    address: tuple[str, int]


def fail_closed(hook):
    """Turns exceptions into refusals: mitmproxy would log them and let the request continue."""

    @functools.wraps(hook)
    def guarded(self, flow):
        try:
            hook(self, flow)
        except Denied as denied:
            _refuse(flow, denied)
        except Exception as error:
            write(f"cannot check a request: {printable(repr(error))}")
            _refuse(flow, Denied("cannot check this request; the log of egress says why", 503))

    return guarded


def or_kill(hook):
    """As fail_closed, for an answer: mitmproxy would log an exception and let the answer continue."""

    @functools.wraps(hook)
    def guarded(self, flow):
        try:
            hook(self, flow)
        except Exception as error:
            write(f"cannot check an answer: {printable(repr(error))}")
            flow.kill()

    return guarded


class Egress:
    def __init__(self):
        self._tunnels = weakref.WeakSet()  # client connections whose CONNECT was allowed
        self._tls = weakref.WeakKeyDictionary()  # of each server connection
        host, port = os.environ["EGRESS_PIPELOCK"].split(":")
        self._pipelock = Upstream("http", (host, int(port)))
        process_memory.protect()
        self._live = live_hosts.LiveHosts(os.environ, write)
        self._credentials = live_credentials.LiveCredentials(os.environ, write)

    @fail_closed
    def http_connect(self, flow):
        request = flow.request
        _check_form(request, flow.client_conn in self._tunnels)
        name = self._allowed_name("https", request.host, request.port)
        _set_destination(request, name)
        self._tunnels.add(flow.client_conn)

    @fail_closed
    def requestheaders(self, flow):
        request = flow.request
        tunnel = flow.client_conn in self._tunnels
        if (
            not tunnel
            and request.scheme == "http"
            and (allowed_hosts.canonical(request.host), request.port) == (HEALTH_HOST, 80)
        ):
            return self._health(flow)
        upgrade = request.headers.pop("Upgrade", "")
        _check_form(request, tunnel)
        name = self._allowed_name(request.scheme, request.host, request.port)
        if tunnel and request.scheme != "https":
            raise Denied("plain http through CONNECT is not supported; send it to the proxy with its absolute URL")
        if not tunnel and request.scheme != "http":
            raise Denied("https must use CONNECT")
        self._check_named_hosts(flow, name, tunnel)
        if "websocket" in upgrade.lower():
            raise Denied("WebSockets are not supported, because pipelock could not scan them")
        self._forward(flow, name, tunnel)

    def tls_established_server(self, data):
        self._tls[data.conn] = data.ssl_conn

    @or_kill
    def responseheaders(self, flow):
        if "answered" in flow.metadata:
            return
        complete_answers.follow(flow)
        if answer := flow.metadata.get("credential_answer"):
            answer.follow(flow)

    @or_kill
    def response(self, flow):
        if reason := complete_answers.cut(flow, self._tls.get(flow.server_conn)):
            _log(flow, f"failed: the answer is incomplete: {reason}")
            return flow.kill()
        if answer := flow.metadata.get("credential_answer"):
            self._credentials.answered(answer)
        _log(flow, flow.response.status_code)

    def error(self, flow):
        _log(flow, f"failed: {mitmproxy_fixes.error_text(flow.error.msg)}")

    def _allowed_name(self, scheme, host, port):
        hosts = self._live.current()
        if hosts is None:
            raise Denied("there is no allow-list, so every request is refused; the log of egress says why", 503)
        name = allowed_hosts.canonical(host)
        if name == HEALTH_HOST:
            raise Denied(f"{HEALTH_HOST} answers http://{HEALTH_HOST}/ and http://{HEALTH_HOST}/ca.pem only")
        if name is None:
            raise Denied(f"host {printable(host)} is not a host name, and the allow-list has only host names")
        if not hosts.allows(scheme, name, port):
            if scheme == "http" and hosts.allows("https", name, 443 if port == 80 else port):
                raise Denied(
                    f"plain http to {name} (port {port}) is not allowed; use https; the operator can write `http` "
                    f"after the host in {_what_counts(hosts)}"
                )
            raise Denied(
                f"host {name} (port {port}) is not on the allow-list; the operator can add it to {_what_counts(hosts)}"
            )
        return name

    def _check_named_hosts(self, flow, name, tunnel):
        """Prevents domain fronting: every host in the request must be this one."""
        request = flow.request
        default_port = 443 if tunnel else 80
        named = request.headers.get_all("Host") + ([request.authority] if request.authority else [])
        for text in named:
            host, port = allowed_hosts.split_port(text) or ("", None)
            if (allowed_hosts.canonical(host), port or default_port) != (name, request.port):
                raise Denied(f"Host {printable(text)} is not the destination {name}:{request.port}")
        if len(request.headers.get_all("Host")) != 1:
            raise Denied("there must be exactly one Host header")
        if tunnel and allowed_hosts.canonical(flow.client_conn.sni or "") != name:
            raise Denied(f"TLS server name {printable(flow.client_conn.sni)} is not the destination {name}")

    def _forward(self, flow, name, tunnel):
        _set_destination(flow.request, name)
        flow.metadata["credential_answer"] = self._credentials.put_into(flow.request, self._live.current(), tunnel)
        # Outside of tunnels always an absolute URL: pipelock answers any other with pages of its own, such as /fetch.
        flow.request.authority = "" if tunnel else flow.request.headers["Host"]
        flow.request.stream = True  # no buffering here: pipelock scans the body
        # A new object: changing the connection's own would also let its later requests through.
        server = connection.Server(address=(name, flow.request.port))
        server.via = self._pipelock
        flow.server_conn = server

    def _health(self, flow):
        path = flow.request.path.partition("?")[0]
        if path == "/":
            hosts = self._live.current()
            if hosts is None or not hosts.allows(*hosts.example()) or hosts.allows("https", "denied.invalid", 443):
                raise Denied("the allow-list does not work", 503)
            _answer(flow, 200, "ok\n")
        elif path == "/ca.pem":
            with open(
                os.path.join(os.path.expanduser(ctx.options.confdir), "mitmproxy-ca-cert.pem"), encoding="ascii"
            ) as file:
                _answer(flow, 200, file.read())
        elif path == "/credentials" and flow.client_conn.peername[0] == "127.0.0.1":
            _answer(flow, 200, "".join(map(_metrics_line, self._credentials.counts())))
        else:
            _answer(flow, 404, "egress: expected / or /ca.pem\n")


def _metrics_line(of_host):
    """For the supervisor's metrics."""
    host, port, available, rejections = of_host
    name = host if port == allowed_hosts.DEFAULT_PORTS["https"] else f"{host}:{port}"
    counts = (rejections[status] for status in live_credentials.REJECTED)
    return " ".join(map(str, (name, int(available), *counts))) + "\n"


def _what_counts(hosts):
    if hosts.source == allowed_hosts.VARIABLE:
        return f"{hosts.source}, which replaces {allowed_hosts.FILE}, and start the bundle anew"
    return f"{hosts.source}, which counts within seconds"


def _check_form(request, tunnel):
    if fault := request_form.fault(request, tunnel):
        status, reason = fault
        raise Denied(reason, status)


def _set_destination(request, name):
    """Writes the checked name wherever the request names a host: pipelock must read what was checked here."""
    default_port = 443 if request.scheme == "https" else 80
    authority = name if request.port == default_port else f"{name}:{request.port}"
    request.host = name
    request.headers["Host"] = authority
    if request.authority:
        request.authority = f"{name}:{request.port}" if request.method == "CONNECT" else authority


def _refuse(flow, denied):
    write(f"denied {_url(flow)}: {denied}")
    length = flow.request.headers.get("Content-Length", "0")
    if "Transfer-Encoding" in flow.request.headers or not length.isdigit() or int(length) > BUFFERED_BODY:
        flow.metadata["answered"] = True
        return flow.kill()
    headers = {"X-Blocked-By": f"egress {denied.policy}", **denied.headers}
    _answer(flow, denied.status, f"egress: {denied}\n", headers)
    flow.response.reason = (
        f"Blocked by the egress {denied.policy}"  # many clients show only this of a response to CONNECT
    )


def _answer(flow, status, text, headers=None):
    flow.metadata["answered"] = True
    flow.request.stream = False
    flow.request.http_version = "HTTP/1.1"  # mitmproxy drops the preface of HTTP/2 without a response
    flow.response = http.Response.make(status, text, {"Content-Type": "text/plain; charset=utf-8", **(headers or {})})


def _log(flow, outcome):
    if "answered" not in flow.metadata and flow.request.method != "CONNECT":
        write(f"{_url(flow)} {outcome}")


def _url(flow):
    """Without the query, which may contain secrets."""
    request = flow.request
    target = f"{request.host}:{request.port}" if request.method == "CONNECT" else request.url.partition("?")[0]
    return f"{printable(request.method)} {printable(target)}"


addons = [Egress(), connection_limit.ConnectionLimit()]
