"""What the agent gets, and egress logs, when pipelock refuses or is down, or when a message is odd or incomplete."""

import contextlib
import random
import socket
import ssl
import unittest

import support
from support import HEALTH, CurlResponse, RawServer, Testbed, free_port, read_until, wait_until

COMPLETE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Scripted(RawServer):
    """Refuses CONNECT with `refusal`, or accepts it, and answers a request with `answer`."""

    def __init__(self, port, context):
        self.reset()
        self.received = b""
        self._context = context
        super().__init__(port)

    def reset(self):
        self.refusal = None  # what the connection sends, in pieces
        self.answer = [COMPLETE]
        self.close_notify = True

    def serve(self, connection):
        head = read_until(connection, b"\r\n\r\n")
        if not head.startswith(b"CONNECT "):
            return self._respond(connection, head)
        if self.refusal is not None:
            for piece in self.refusal:
                connection.sendall(piece)
            return None
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        tls = self._context.wrap_socket(connection, server_side=True, suppress_ragged_eofs=False)
        with tls:
            self._respond(tls, read_until(tls, b"\r\n\r\n"))
            if self.close_notify:
                tls.unwrap()
        return None

    def _respond(self, connection, head):
        if b"chunked" in head and not head.endswith(b"0\r\n\r\n"):
            head += read_until(connection, b"0\r\n\r\n")
        self.received = head
        for piece in self.answer:
            connection.sendall(piece)


class AnswersTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.testbed = Testbed()
        cls.addClassCleanup(cls.testbed.close)
        cls.pipelock = cls.testbed.keep(Scripted(cls.testbed.pipelock_port, cls.testbed.context))
        cls.port = free_port()
        cls.config = cls.testbed.directory / "pipelock.yaml"
        cls.config.write_text("fetch_proxy: {max_response_mb: 2}\n")
        cls.egress = cls.testbed.healthy_egress(cls.port, PIPELOCK_CONFIG=str(cls.config))
        cls.plain = f"http://localhost:{cls.testbed.plain.port}/"
        cls.tls = f"https://localhost:{cls.testbed.secure.port}/"

    def setUp(self):
        self.pipelock.reset()

    def get(self, url, *arguments):
        return CurlResponse(self.port, url, "-k", *arguments)

    def refused(self, *pieces):
        self.pipelock.refusal = pieces
        return self.get(self.tls)

    def assertIncomplete(self, response):
        """curl says so, whatever the status."""
        self.assertRegex(response.error, r"^curl: \((18|52|56|92)\)")

    def assertComplete(self, response, body):
        self.assertEqual((response.error, response.text.rpartition("\r\n\r\n")[2]), ("", body))

    def test_the_status_and_the_reason_of_a_refused_connect_reach_the_agent(self):
        for status in (403, 429, 502, 503):
            body = b"CONNECT blocked: for a test\n"
            head = f"HTTP/1.1 {status} Some Reason\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            for pieces in ((head + body,), (head[:9], head[9:], body[:5], body[5:])):
                response = self.refused(*pieces)
                self.assertEqual(response.code, status, response.text + response.error)
                self.assertIn("egress: pipelock refused: CONNECT blocked: for a test\n", response.text)
                self.assertIn("X-Blocked-By: pipelock", response.text)
        self.assertTrue(self.egress.lines("failed: pipelock refused: CONNECT blocked: for a test"))

    def test_a_reason_is_one_printable_line_of_bounded_length(self):
        reason = "first\r\nX-Forged: 1\r\n\r\n\x1b[31m\u2028\x00second" + "x" * 100_000
        response = self.refused(f"HTTP/1.1 403 Forbidden\r\nContent-Length: {len(reason)}\r\n\r\n{reason}".encode())
        text = response.text.rpartition("\r\n\r\n")[2]
        self.assertRegex(text, r"^egress: pipelock refused: first X-Forged: 1 \\x1b\[31m")
        self.assertLess(len(text), 400)
        self.assertTrue(text.isascii() and text.count("\n") == 1, text)
        self.assertTrue(self.egress.text().isascii())

    def test_a_refusal_without_a_reason_or_cut_short_is_a_refusal(self):
        for refusal, status, reason in (
            (b"HTTP/1.1 403 Forbidden\r\n\r\n", 403, "pipelock refused: 403"),
            (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nwhy", 403, "pipelock refused: why"),
            (b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", 502, "pipelock refused: 302"),
            (b"HTTP/1.1 403 Forbi", 502, "pipelock does not answer"),
            (b"", 502, "pipelock does not answer"),
            (b"SSH-2.0-OpenSSH\r\n\r\n", 502, ""),
        ):
            response = self.refused(refusal)
            self.assertEqual(response.code, status, (refusal, response.text, response.error))
            self.assertIn(reason, response.text)

    def test_trailers_are_dropped_and_the_message_arrives(self):
        trailers = b"0\r\nX-Trailer: 1\r\nX-Other: 2\r\n\r\n"
        self.pipelock.answer = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", trailers]
        self.assertComplete(self.get(self.plain), "ok")
        self.assertComplete(self.get(self.tls), "ok")
        self.pipelock.answer = [COMPLETE]
        for tunnel in (False, True):
            context = ssl._create_unverified_context()
            with socket.create_connection(("127.0.0.1", self.port), support.LIMIT) as connection:
                authority = f"localhost:{(self.testbed.secure if tunnel else self.testbed.plain).port}"
                if tunnel:
                    connection.sendall(f"CONNECT {authority} HTTP/1.1\r\n\r\n".encode())
                    connection.recv(65536)
                    connection = context.wrap_socket(connection, server_hostname="localhost")
                target = "/" if tunnel else self.plain
                head = f"POST {target} HTTP/1.1\r\nHost: {authority}\r\nTransfer-Encoding: chunked\r\n\r\n"
                with connection:
                    connection.sendall(head.encode() + b"2\r\nhi\r\n" + trailers)
                    self.assertTrue(read_until(connection, b"ok").endswith(b"ok"))
            self.assertTrue(self.pipelock.received.endswith(b"2\r\nhi\r\n0\r\n\r\n"), self.pipelock.received)

    def test_informational_responses_are_dropped_and_the_final_one_arrives(self):
        hints = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        for pieces in ([hints + hints + COMPLETE], [hints[:9], hints[9:], b"HTTP/1.1 100 Continue\r\n\r\n", COMPLETE]):
            self.pipelock.answer = pieces
            for url in (self.plain, self.tls):
                response = self.get(url)
                self.assertComplete(response, "ok")
                self.assertEqual(response.code, 200)

    def test_an_answer_that_is_cut_off_never_looks_complete(self):
        for answer in (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nok",
            b"HTTP/1.1 200 OK\r\n\r\nok",
            b"HTTP/1.0 200 OK\r\nX: y\r\n\r\nok",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nok",
        ):
            self.pipelock.answer = [answer]
            for self.pipelock.close_notify in (False, True):
                if self.pipelock.close_notify and b"Content-Length" not in answer and b"chunked" not in answer:
                    continue
                self.assertIncomplete(self.get(self.tls))
            self.assertIncomplete(self.get(self.plain))

    def test_an_answer_that_ends_with_its_connection_is_complete_after_the_close_of_tls(self):
        for answer in (b"HTTP/1.1 200 OK\r\n\r\nok", b"HTTP/1.0 200 OK\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"):
            self.pipelock.answer = [answer]
            self.assertComplete(self.get(self.tls), answer.rpartition(b"\r\n\r\n")[2].decode())
        self.assertEqual(self.get(self.tls, "--head").code, 204)

    def test_plain_http_of_the_length_at_which_pipelock_cuts_is_incomplete(self):
        def answer(mib):
            body = b"x" * (mib << 20)
            return [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)]

        def get(url):
            return self.get(url, "--output", "/dev/null")

        self.pipelock.answer = answer(2)
        self.assertIncomplete(get(self.plain))
        wait_until(
            lambda: self.egress.lines("incomplete: pipelock cuts an answer to plain http off after 2 MiB"), "a line"
        )
        self.assertEqual(get(self.tls).error, "")
        self.pipelock.answer = answer(1)
        self.assertEqual(get(self.plain).error, "")
        for config in ("fetch_proxy: {max_response_mb: 1}\n", "\t: not yaml"):
            self.config.write_text(config)
            self.assertIncomplete(get(self.plain))
        self.config.write_text("fetch_proxy: {max_response_mb: 2}\n")

    def test_more_bytes_than_fit_a_head_end_the_connection_with_one_line(self):
        with socket.create_connection(("127.0.0.1", self.port), support.LIMIT) as connection:
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"GET " + b"x" * (1 << 20))
                self.assertEqual(connection.recv(65536), b"")
        wait_until(lambda: self.egress.lines("connection closed: ValueError: more than 262144 bytes wait"), "a line")
        self.assertEqual(len(self.egress.lines("more than 262144 bytes")), 1)


class FuzzTest(unittest.TestCase):
    """Hundreds of malformed messages, the same in each run: egress survives, and logs one line for each at most."""

    def setUp(self):
        self.testbed = Testbed()
        self.addCleanup(self.testbed.close)
        self.pipelock = self.testbed.keep(Scripted(self.testbed.pipelock_port, self.testbed.context))
        self.port = free_port()
        self.egress = self.testbed.healthy_egress(self.port)
        self.random = random.Random(12)
        self.plain = f"localhost:{self.testbed.plain.port}"
        self.secure = f"localhost:{self.testbed.secure.port}"

    def mutated(self, message):
        message = bytearray(message)
        for _ in range(self.random.randrange(1, 4)):
            at = self.random.randrange(len(message))
            match self.random.randrange(4):
                case 0:
                    message[at] = self.random.randrange(256)
                case 1:
                    del message[at : at + self.random.randrange(1, 9)]
                case 2:
                    message[at:at] = self.random.choice((b"\r\n", b"\n", b"\0", b" ", b":", b"\xff", b"chunked", b"0"))
                case 3:
                    message[at:at] = message[: self.random.randrange(20)]
            message = message or bytearray(b"x")
        return bytes(message)

    def assertCalm(self, messages):
        self.assertEqual(CurlResponse(self.port, HEALTH).code, 200)
        self.assertEqual(self.egress.terminate(), 0)
        lines = self.egress.text().splitlines()
        self.assertEqual([line for line in lines if len(line) > 1000 or not line.isascii() or line[:1] in " \t"], [])
        self.assertTrue(messages / 10 < len(lines) < messages + 5, (len(lines), messages, self.egress.text()[-5000:]))

    def exchange(self, message, inside=b""):
        """Sends a message, and inside of the tunnel that it may open another. Without that, waits for the end."""
        with socket.create_connection(("127.0.0.1", self.port), support.LIMIT) as connection:
            with contextlib.suppress(ConnectionError):
                connection.sendall(message)
                if inside:
                    connection.recv(65536)
                    connection.sendall(inside)
                else:
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65536):
                        pass

    def test_requests(self):
        head = f"POST http://{self.plain}/a?b HTTP/1.1\r\nHost: {self.plain}\r\n"
        connect = f"CONNECT {self.secure} HTTP/1.1\r\nHost: {self.secure}\r\n\r\n".encode()
        requests = [
            f"{head}Content-Length: 5\r\n\r\nhello".encode(),
            f"{head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n".encode(),
            connect,
        ]
        messages = [self.mutated(self.random.choice(requests)) for _ in range(200)]
        messages += [request[:end] for request in requests for end in range(1, len(request), 7)]  # early closes
        for message in messages:
            self.exchange(message)
        hello = client_hello()
        hellos = [self.mutated(hello) for _ in range(100)]
        hellos += [hello[:size] for size in (1, 4, 6, 50, len(hello))]
        for sent in hellos:
            self.exchange(connect, sent)
            self.exchange(connect, sent + self.random.randbytes(500))
        self.assertCalm(len(messages) + 2 * len(hellos))

    def test_answers(self):
        answers = [
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
            b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nhello",
            b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello",
        ]
        request = f"GET http://{self.plain}/ HTTP/1.1\r\nHost: {self.plain}\r\nConnection: close\r\n\r\n".encode()
        for number in range(150):
            answer = self.random.choice(answers)
            self.pipelock.answer = [answer if number < 10 else self.mutated(answer)]
            with socket.create_connection(("127.0.0.1", self.port), support.LIMIT) as connection:
                with contextlib.suppress(ConnectionError):
                    connection.sendall(request)
                    while connection.recv(65536):
                        pass
        for _ in range(30):
            self.pipelock.refusal = [self.mutated(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nwhy")]
            CurlResponse(self.port, f"https://{self.secure}/", "-k")
        self.pipelock.refusal = None
        for number in range(30):
            self.pipelock.answer = [self.mutated(self.random.choice(answers))]
            self.pipelock.close_notify = bool(number % 2)
            CurlResponse(self.port, f"https://{self.secure}/", "-k")
        self.assertCalm(210)


def client_hello():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        ssl._create_unverified_context().wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    return outgoing.read()


@unittest.skipUnless(support.REAL_PIPELOCK, "needs a real pipelock (PIPELOCK_BIN)")
class RealRefusalsTest(unittest.TestCase):
    def test_the_reason_of_the_real_pipelock_reaches_the_agent(self):
        testbed = Testbed()
        self.addCleanup(testbed.close)
        testbed.pipelock_yaml()
        testbed.ready_pipelock(CLAUDE_BOTTLE_ALLOWED_HOSTS="localhost,no-such-host.invalid")
        port = free_port()
        hosts = f"{testbed.hosts},other.example,no-such-host.invalid"
        testbed.healthy_egress(port, CLAUDE_BOTTLE_ALLOWED_HOSTS=hosts)
        for host, reason in (
            ("other.example", "pipelock refused: CONNECT blocked: domain not in allowlist: other.example"),
            ("no-such-host.invalid", "pipelock refused: CONNECT blocked: SSRF check failed: DNS resolution"),
        ):
            response = CurlResponse(port, f"https://{host}/", "-k")
            self.assertEqual(response.code, 403, response.text + response.error)
            self.assertIn(reason, response.text)

    def test_plain_http_that_the_real_pipelock_cuts_off_is_incomplete(self):
        testbed = Testbed()
        self.addCleanup(testbed.close)
        config = testbed.pipelock_yaml()
        config.write_text(config.read_text().replace("fetch_proxy:\n", "fetch_proxy:\n  max_response_mb: 1\n"))
        testbed.ready_pipelock()
        port = free_port()
        testbed.healthy_egress(port, PIPELOCK_CONFIG=str(config))
        url = f"http://localhost:{testbed.plain.port}/"
        for size, error in ((1 << 20) - 1, ""), ((1 << 20) + 1, "curl: (18)"):
            testbed.plain.body = b"\n" * size
            self.assertEqual(CurlResponse(port, url, "--output", "/dev/null").error[:10], error)


class DownTest(unittest.TestCase):
    def test_a_pipelock_that_is_down_is_a_502_that_names_it_and_says_that_nothing_leaves(self):
        testbed = Testbed()
        self.addCleanup(testbed.close)
        port = free_port()
        testbed.healthy_egress(port)
        for url in (f"http://localhost:{testbed.plain.port}/", f"https://localhost:{testbed.secure.port}/"):
            response = CurlResponse(port, url, "-k")
            self.assertEqual(response.code, 502)
            self.assertIn("egress: pipelock does not answer, so no request leaves", response.text)


if __name__ == "__main__":
    unittest.main()
