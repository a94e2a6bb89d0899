"""What leaves egress for pipelock is CONNECT or has an absolute URL: pipelock answers others with its own pages."""

import concurrent.futures
import contextlib
import re
import socket
import ssl
import unittest

import support
from support import CurlResponse, RawServer, Testbed, free_port, read_until, send_raw

# all that pipelock's buildMux serves, and what it could be taken for
PAGES = (
    "/health",
    "/fetch?url=http://localhost:1/",
    "/ws?url=ws://localhost:1/",
    "/metrics",
    "/stats",
    "/api/v1/killswitch",
    "/api/v1/killswitch/status",
    "/api/v1/sessions",
    "/api/v1/sessions/key",
    *(
        f"/api/v1/sessions/key/{action}"
        for action in ("airlock", "task", "trust", "reset", "explain", "inspect", "terminate")
    ),
    "/",
    "//localhost/health",
    "/%68ealth",
)
# a part of what pipelock's own pages say
OF_PIPELOCK = re.compile(
    rb"404 page not found|uptime_seconds|fetch failed|in allowlist|WebSocket proxy|method not allowed|kill switch"
)


def page_requests(page, host, pipelock):
    """Requests for a page of pipelock. host: an allowed host with its port."""
    end = f"Host: {host}\r\nConnection: close\r\n\r\n"
    yield f"GET {page} HTTP/1.1\r\n{end}"
    yield f"POST {page} HTTP/1.1\r\n{end}"
    yield f"GET http://{host}{page} HTTP/1.1\r\n{end}"
    yield f"GET http://{host}{page} HTTP/2.0\r\n{end}"
    yield f"GET http://127.0.0.1:{pipelock}{page} HTTP/1.1\r\n{end}"


def other_forms(page, host, pipelock):
    end = f"Host: {host}\r\nConnection: close\r\n\r\n"
    for method in ("PUT", "OPTIONS", "HEAD", "get", "BREW", "CONNECT", "connect"):
        yield f"{method} {page} HTTP/1.1\r\n{end}"
    for version in ("HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/3.0", "HTTP/1.2"):
        yield f"GET {page} {version}\r\n{end}"
        yield f"GET http://{host}{page} {version}\r\n{end}"
        yield f"PRI {page} {version}\r\n{end}"
    for authority in (
        f"127.0.0.1:{pipelock}",
        f"localhost:{pipelock}",
        f"[::1]:{pipelock}",
        f"user@{host}",
        f"{host}@127.0.0.1:{pipelock}",
        f"{host}#",
        f"{host}\\",
        f"{host}?",
        "",
        ":80",
    ):
        yield f"GET http://{authority}{page} HTTP/1.1\r\n{end}"
        yield f"CONNECT {authority}{page} HTTP/1.1\r\n{end}"
    for scheme in ("http:", "//", "://", "https://", "ws://", "file://", "HTTP://", "connect://"):
        yield f"GET {scheme}{host}{page} HTTP/1.1\r\n{end}"
        yield f"connect {scheme}{host}{page} HTTP/1.1\r\n{end}"
    yield f"GET http://{host}/#{page} HTTP/1.1\r\n{end}"
    yield f"GET http://{host}{page} HTTP/1.1\r\nHost: localhost:{pipelock}\r\nConnection: close\r\n\r\n"
    yield f"GET {page} HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n{end}"
    yield f"GET {page} HTTP/1.1\r\nX-Forwarded-Host: {host}\r\n:authority: {host}\r\n{end}"


def all_requests(host, pipelock):
    for page in PAGES:
        yield from page_requests(page, host, pipelock)
    yield from other_forms("/health", host, pipelock)
    yield from other_forms(f"/fetch?url=http://{host}/", host, pipelock)
    yield from odd_requests(host)


def odd_requests(host):
    """Requests that two programs could read differently. Most hide an origin form, which must not arrive as a one"""
    hidden = f"GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    post = f"POST http://{host}/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
    length = f"Content-Length: {len(hidden)}\r\n"
    chunk = f"{len(hidden):x}\r\n{hidden}\r\n0\r\n\r\n"
    for line in (
        "OPTIONS *",
        "GET *",
        f"OPTIONS http://{host}",
        "PRI *",
        f"GET http://{host}/a\x00b",
        f"GET http://{host}/\x7f",
        f"G\x00T http://{host}/",
        f"G(T http://{host}/",
        f"GET: http://{host}/",
    ):
        yield f"{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    yield f"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{hidden}"
    yield f"PRI * HTTP/2.0\r\nHost: {host}\r\nConnection: close\r\n\r\nSM\r\n\r\n{hidden}"
    yield f"GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n{hidden}"
    yield f"GET http://{host}/ HTTP/1.1\nHost: {host}\nConnection: close\n\n{hidden}"
    yield f"GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n X: folded\r\n\r\n"
    yield f"GET http://{host}/ HTTP/1.1\r\nHost:\r\n {host}\r\nConnection: close\r\n\r\n"
    yield f"{post}{length}\r\n{hidden}"
    yield f"{post}Transfer-Encoding: chunked\r\n\r\n{chunk}"
    yield f"{post}{length}Transfer-Encoding: chunked\r\n\r\n{chunk}"
    yield f"{post}Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n{chunk}"
    yield f"{post}Content-Length: 0\r\n{length}\r\n{hidden}"
    yield f"{post}{length}{length}\r\n{hidden}"
    for odd in ("+5", "5_0", "-1", "0x5", "5, 5", "5 5", "", "\u0665", "9" * 30, "5\r\n "):
        yield f"{post}Content-Length: {odd}\r\n\r\n{hidden}"
    for odd in (
        "chunked, identity",
        "identity",
        "xchunked",
        "chunked, chunked",
        "chunked\r\nTransfer-Encoding: identity",
        "\x0bchunked",
        "chunked\x00",
        "\u212ahunked",
        "",
    ):
        yield f"{post}Transfer-Encoding: {odd}\r\n\r\n{chunk}"
    for odd in ("X : y", "X\x00: y", "X: a\x00b", "X: a\rTransfer-Encoding: chunked", ": y", "X", "\u00e9: y"):
        yield f"{post}{odd}\r\n{length}\r\n{hidden}"
    yield f"{post}Transfer-Encoding: chunked\r\n\r\n5;ext={hidden}\r\nhello\r\n0\r\n\r\n"
    yield f"{post}Transfer-Encoding: chunked\r\n\r\n0\r\nTrailer: {host}\r\n\r\n{hidden}"
    yield f"{post}Expect: 100-continue\r\n{length}\r\n{hidden}"
    yield f"{post}Connection: Host, Content-Length\r\n{length}\r\n{hidden}"


class Recorder(RawServer):
    """Answers every request and keeps the bytes of each connection; does TLS after a CONNECT."""

    def __init__(self, port, context):
        self.connections = []
        self._context = context
        super().__init__(port)

    def serve(self, connection):
        head = read_until(connection, b"\r\n\r\n")
        if head.startswith(b"CONNECT "):
            self.connections.append(head)
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            with self._context.wrap_socket(connection, server_side=True) as tls:
                read_until(tls, b"\r\n\r\n")
                tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        received = bytearray(head)
        self.connections.append(received)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        while more := connection.recv(65536):
            received += more
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


def forwarded(received):
    """The request lines in what a connection received, read as strictly as RFC 9112 permits."""
    lines, rest = [], bytes(received)
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        line, *headers = head.split(b"\r\n")
        lines.append(line)
        fields = {}
        for header in headers:
            name, _, value = header.partition(b": ")
            fields.setdefault(name.lower(), []).append(value)
        if b"transfer-encoding" in fields:
            if fields[b"transfer-encoding"] != [b"chunked"] or b"content-length" in fields:
                lines.append(b"ambiguous " + head)
            while size := int(rest.partition(b"\r\n")[0], 16):
                rest = rest.partition(b"\r\n")[2][size + 2 :]
            rest = rest.partition(b"\r\n\r\n")[2]
        elif b"content-length" in fields:
            if len(set(fields[b"content-length"])) != 1:
                lines.append(b"ambiguous " + head)
            rest = rest[int(fields[b"content-length"][0]) :]
    return lines


def ask(port, text):
    """The responses to this text: as many as it has requests, or until the connection is closed."""
    with socket.create_connection(("127.0.0.1", port), support.LIMIT) as connection:
        connection.sendall(text.encode())
        return read_responses(connection, text)


def read_responses(connection, text):
    received = bytearray()
    with contextlib.suppress(ConnectionResetError, ssl.SSLError):
        while len(complete_responses(received)) < text.count(" HTTP/1.1\r\n") or not complete_responses(received):
            if not (more := connection.recv(65536)):
                break
            received += more
    return bytes(received)


def complete_responses(received):
    responses, rest = [], bytes(received)
    while b"\r\n\r\n" in rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: ([0-9]+)", head)
        length = int(length[1]) if length else 0
        if len(rest) < length:
            break
        responses.append(head)
        rest = rest[length:]
    return responses


def in_parallel(ask, requests):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return list(pool.map(ask, requests))


class RecordedTest(unittest.TestCase):
    """egress with a recorder in place of pipelock."""

    @classmethod
    def setUpClass(cls):
        cls.testbed = Testbed()
        cls.addClassCleanup(cls.testbed.close)
        cls.recorder = cls.testbed.keep(Recorder(cls.testbed.pipelock_port, cls.testbed.context))
        cls.port = free_port()
        cls.testbed.healthy_egress(cls.port)
        cls.host = f"localhost:{cls.testbed.plain.port}"
        cls.tunnel = f"localhost:{cls.testbed.secure.port}"
        cls.context = ssl.create_default_context()
        cls.context.check_hostname, cls.context.verify_mode = False, ssl.CERT_NONE

    def setUp(self):
        self.recorder.connections.clear()

    def ask(self, text):
        """Every request ends with a response or a closed connection; else this times out."""
        return ask(self.port, text)

    def assertOnlyAbsolute(self):
        lines = [line for received in self.recorder.connections for line in forwarded(received)]
        expected = re.compile(rf"CONNECT {self.tunnel} HTTP/1\.1|[A-Za-z]+ http://{self.host}/[^ ]* HTTP/1\.1".encode())
        self.assertEqual([line for line in lines if not expected.fullmatch(line)], [])
        self.assertTrue(lines, "nothing was forwarded, so this shows nothing")

    def test_every_request_is_refused_or_forwarded_as_one_with_an_absolute_url(self):
        in_parallel(self.ask, all_requests(self.host, self.testbed.pipelock_port))
        self.assertOnlyAbsolute()

    def test_inside_of_a_tunnel_nothing_reaches_pipelock_but_connect(self):
        def ask_inside(text, tls):
            with socket.create_connection(("127.0.0.1", self.port), support.LIMIT) as connection:
                connection.sendall(f"CONNECT {self.tunnel} HTTP/1.1\r\n\r\n".encode())
                self.assertIn(b" 200 ", connection.recv(65536))
                with contextlib.suppress(OSError):
                    if tls:
                        connection = self.context.wrap_socket(connection, server_hostname="localhost")
                    with connection:
                        connection.sendall(text.encode())
                        read_responses(connection, text)

        texts = [
            *page_requests("/health", self.tunnel, self.testbed.pipelock_port),
            *other_forms("/health", self.tunnel, self.testbed.pipelock_port),
            *odd_requests(self.tunnel),
        ]
        in_parallel(lambda text: ask_inside(text, True), texts)
        in_parallel(lambda text: ask_inside(text, False), texts)
        self.assertOnlyAbsolute()
        self.assertEqual(
            {line[:8] for received in self.recorder.connections for line in forwarded(received)}, {b"CONNECT "}
        )

    def test_tls_to_the_proxy_itself_changes_nothing(self):
        def ask_in_tls(text):
            with socket.create_connection(("127.0.0.1", self.port), support.LIMIT) as connection:
                with contextlib.suppress(ssl.SSLError), self.context.wrap_socket(connection) as tls:
                    tls.sendall(text.encode())
                    read_responses(tls, text)

        texts = page_requests("/health", self.host, self.testbed.pipelock_port)
        in_parallel(ask_in_tls, texts)
        self.assertOnlyAbsolute()

    def test_origin_form_is_a_400_that_says_what_a_proxy_expects(self):
        text = f"GET /fetch?url=http://{self.host}/ HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n\r\n"
        response = self.ask(text).decode()
        self.assertRegex(response, "^HTTP/1.1 400 ")
        self.assertIn("egress: this is a proxy: a request needs an absolute URL", response)

    def test_http_2_and_older_versions_are_a_505_that_says_so(self):
        for version, reason in (("2.0", "HTTP/2 and HTTP/3 are not supported"), ("1.0", "only HTTP/1.1 is supported")):
            text = f"GET http://{self.host}/ HTTP/{version}\r\nHost: {self.host}\r\nConnection: close\r\n\r\n"
            response = self.ask(text).decode()
            self.assertIn(" 505 ", response.partition("\r\n")[0])
            self.assertIn(reason, response)

    def test_plain_http_to_a_host_without_the_mark_is_a_403_that_says_so(self):
        response = CurlResponse(self.port, f"http://{self.tunnel}/")
        self.assertEqual(response.code, 403)
        self.assertIn(
            f"plain http to localhost (port {self.testbed.secure.port}) is not allowed; use https", response.text
        )
        self.assertIn("the operator can write `http` after the host", response.text)
        self.assertEqual(self.recorder.connections, [])

    def test_connect_may_have_version_1_0(self):
        with socket.create_connection(("127.0.0.1", self.port), support.LIMIT) as connection:
            connection.sendall(f"CONNECT {self.tunnel} HTTP/1.0\r\n\r\n".encode())
            self.assertIn(b" 200 ", connection.recv(65536))


@unittest.skipUnless(support.REAL_PIPELOCK, "needs a real pipelock (PIPELOCK_BIN)")
class PipelockPagesTest(unittest.TestCase):
    """egress with the real pipelock."""

    @classmethod
    def setUpClass(cls):
        cls.testbed = Testbed()
        cls.addClassCleanup(cls.testbed.close)
        cls.testbed.pipelock_yaml()
        cls.testbed.ready_pipelock()
        cls.port = free_port()
        cls.testbed.healthy_egress(cls.port)
        cls.host = f"localhost:{cls.testbed.plain.port}"

    def test_pipelock_has_pages_that_these_tests_recognise(self):
        for page in PAGES:
            text = f"GET {page} HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n\r\n"
            answer = send_raw(self.testbed.pipelock_port, text.encode())
            self.assertTrue(OF_PIPELOCK.search(answer) or b" 30" in answer[:20], (page, answer))

    def test_the_pages_of_pipelock_are_never_reached(self):
        texts = all_requests(self.host, self.testbed.pipelock_port)

        answers = in_parallel(lambda text: (text, ask(self.port, text)), texts)
        self.assertEqual([(text, answer) for text, answer in answers if OF_PIPELOCK.search(answer)], [])
        self.assertTrue(any(answer.endswith(b"origin") for _, answer in answers))


if __name__ == "__main__":
    unittest.main()
