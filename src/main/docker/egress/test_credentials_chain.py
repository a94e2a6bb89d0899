"""Tests credentials through egress, pipelock and an origin: what arrives, what the agent gets, and what is said."""

import http.client
import http.server
import json
import os
import pwd
import re
import ssl
import subprocess
import threading
import unittest

import support
from support import HEALTH, LIMIT, CurlResponse, Testbed, WebServer, egress_ca, free_port, wait_until

KEY = "sk-" + "test-0123456789abcdefghij"
OTHER = "sk-" + "rotated-9876543210"
UNKNOWN = "a-kind-that-pipelock-does-not-know"
ATTACKERS = "sk-" + "attacker-5555555555555555"
MALFORMED = (
    b"HTTP/1.1 2xx KEY\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nKEY\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX KEY: 1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: KEY\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: KEY\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: KEY\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nKEY\r\n",
    b"HTTP/1.1 200 OK\r\nX: ",  # and a part of it
)
CREDENTIAL_HEADERS = ("x-api-key", "authorization", "cookie", "api-key", "private-token", "range", "accept-encoding")


class Handler(http.server.BaseHTTPRequestHandler):
    """Sends back what it got, in the way that the path names."""

    protocol_version = "HTTP/1.1"
    heads = ()
    released = threading.Event()
    redirected_to = None  # a port

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        head = self.requestline + "\n" + "".join(f"{name}: {value}\n" for name, value in self.headers.items())
        Handler.heads += ((self.headers["Host"], head),)
        name = self.path.split("?")[0].strip("/")
        key = self.headers.get("x-api-key", "none")
        if name.isdigit():
            return self.send(int(name), f"wrong key {key}")
        if name == "redirect":
            return self.send(302, "", Location=f"https://localhost:{self.redirected_to}/arrived")
        if name == "header":
            return self.send(200, "", Location=f"/{key}", **{"X-Echo": key, f"X-{key}": "1"})
        if name in ("compressed", "compressed-401"):
            return self.send(401 if "401" in name else 200, "not really", **{"Content-Encoding": "gzip"})
        if name == "compressed-empty":
            return self.send(200, "", **{"Content-Encoding": "gzip"})
        if name == "stream":
            return self.stream(key)
        if name.startswith("malformed"):
            self.wfile.write(MALFORMED[int(name[-1])].replace(b"KEY", key.encode().hex().encode()))
            self.wfile.write(key[:-1].encode())
            self.close_connection = True
            return None
        if name == "until-close":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(key.encode() + b"s")
            self.close_connection = True
            return None
        return self.send(200, head + body.decode("latin-1"))

    do_POST = do_PUT = do_HEAD = do_GET

    def send(self, status, text, **headers):
        self.send_response_only(status, "Reason " + self.headers.get("x-api-key", "none"))
        for name, value in {"Content-Type": "text/plain", "Content-Length": len(text), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode("latin-1"))

    def stream(self, key):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.chunk("data: first\n\n")
        self.released.wait(LIMIT)
        for piece in ("data: " + key[:7], key[7:20], key[20:] + "\n\n", "data: last sk-te"):
            self.chunk(piece)
        self.wfile.write(b"0\r\n\r\n")

    def chunk(self, text):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text.encode()))
        self.wfile.flush()

    def log_message(self, *_):
        pass


class Chain(unittest.TestCase):
    marks = " passthrough"
    egress = configured = None

    @classmethod
    def setUpClass(cls):
        cls.testbed = Testbed()
        cls.addClassCleanup(cls.testbed.close)
        cls.testbed.secure.server.RequestHandlerClass = Handler
        cls.testbed.pipelock_yaml()
        cls.secure, cls.plain = cls.testbed.secure.port, cls.testbed.plain.port
        # a third port of the host, which has no credentials
        cls.free = cls.testbed.keep(WebServer(Handler, context=cls.testbed.context)).port
        Handler.redirected_to = cls.free
        cls.testbed.hosts = ",".join(
            (
                f"localhost:{cls.secure}{cls.marks}",
                f"localhost:{cls.free}{cls.marks}",
                f"localhost:{cls.plain} http{cls.marks}",
                f"*.localhost:{cls.secure}{cls.marks}",
            )
        )
        cls.testbed.ready_pipelock()
        cls.directory = cls.testbed.directory
        cls.file, cls.key = cls.directory / "credentials.yaml", cls.directory / "key"
        cls.configure(value_file=cls.key)
        cls.key.write_text(KEY + "\n")
        cls.port = free_port()
        cls.egress = cls.testbed.healthy_egress(
            cls.port, CLAUDE_BOTTLE_CREDENTIALS=str(cls.file), KEY_IN_ENVIRONMENT=KEY
        )
        cls.ca = cls.directory / "agent-ca.pem"
        cls.ca.write_text(egress_ca(cls.port))
        cls.url = f"https://localhost:{cls.secure}"

    @classmethod
    def configure(cls, *entries, **entry):
        entries = entries or (entry,)
        defaults = {"host": f"localhost:{cls.secure}", "header": "x-api-key"}
        text = json.dumps([defaults | each for each in entries], default=str)
        if text == cls.configured:
            return
        cls.configured = text
        said = "credentials in force: "
        before = len(cls.egress.lines(said)) if cls.egress else 0
        cls.replace(cls.file, text)
        if cls.egress:
            wait_until(lambda: cls.metrics() and len(cls.egress.lines(said)) > before, "the change counts")

    @classmethod
    def replace(cls, file, text):
        new = file.with_name("new")
        new.write_text(text)
        os.replace(new, file)

    def setUp(self):
        self.configure(value_file=self.key)
        self.replace(self.key, KEY + "\n")
        Handler.heads = ()
        Handler.released.clear()

    def tearDown(self):
        self.assertNotIn(KEY, self.egress.text())
        self.assertNotIn(ATTACKERS, "".join(head for _, head in Handler.heads))
        self.assertIsNone(self.egress.process.poll(), self.egress.text())

    def get(self, path="/", *arguments, url=None):
        response = CurlResponse(self.port, (url or self.url) + path, "--cacert", self.ca, "--path-as-is", *arguments)
        self.assertNotIn(KEY, response.text)
        return response

    def arrived(self):
        """The one request that arrived: its line, and the values of its header fields by name."""
        self.assertEqual(len(Handler.heads), 1, Handler.heads)
        line, *fields = Handler.heads[0][1].splitlines()
        values = {}
        for field in fields:
            name, _, value = field.partition(": ")
            values.setdefault(name.lower(), []).append(value)
        return line, values

    def assertDenied(self, response, status, *parts):
        self.assertEqual(response.code, status, response.text + response.error)
        self.assertEqual(Handler.heads, ())
        for part in ("X-Blocked-By: egress credentials", *parts):
            self.assertIn(part, response.text)

    def said(self, text, times=1):
        wait_until(lambda: len(self.egress.lines(text)) >= times, f"{text}: {self.egress.text()}")
        self.assertEqual(len(self.egress.lines(text)), times, self.egress.text())

    @classmethod
    def metrics(cls):
        return CurlResponse(cls.port, HEALTH + "credentials").text.rpartition("\r\n\r\n")[2]

    def rejections(self):
        """Of 401 and 403."""
        match = re.fullmatch(rf"localhost:{self.secure} 1 (\d+) (\d+)\n", self.metrics())
        self.assertTrue(match, self.metrics())
        return [int(count) for count in match.groups()]


class CredentialsTest(Chain):
    def test_the_agents_value_is_replaced(self):
        for header in ("x-api-key: placeholder", "X-API-Key;", "x_api_key: " + ATTACKERS, "accept: */*"):
            Handler.heads = ()
            self.assertEqual(self.get("/v1/messages?x=1", "-H", header).code, 200)
            line, fields = self.arrived()
            self.assertEqual(line, "GET /v1/messages?x=1 HTTP/1.1")
            self.assertEqual(fields["x-api-key"], [KEY], header)
            self.assertNotIn("x_api_key", fields)

    def test_every_other_way_to_authenticate_is_removed(self):
        self.configure(value_file=self.key, remove_headers=["X-Tenant"], remove_query=["tenant_key"])
        response = self.get(
            f"/v1?a=1&api_key={ATTACKERS}&tenant-key={ATTACKERS}&b=2",
            *("-H", f"Authorization: Bearer {ATTACKERS}", "-H", f"Cookie: session={ATTACKERS}"),
            *("-H", f"API_KEY: {ATTACKERS}", "-H", f"Private-Token: {ATTACKERS}", "-H", f"x-tenant: {ATTACKERS}"),
            *("-H", f"Proxy-Authorization: {ATTACKERS}", "-H", "X-Other: stays", "-d", "body"),
        )
        self.assertEqual(response.code, 200, response.text)
        line, fields = self.arrived()
        self.assertEqual(line, "POST /v1?a=1&b=2 HTTP/1.1")
        self.assertEqual(fields["x-other"], ["stays"])
        self.assertEqual([fields.get(name) for name in CREDENTIAL_HEADERS[1:5]], [None] * 4)

    def test_no_header_of_the_agent_makes_a_proxy_drop_the_credential(self):
        self.assertEqual(self.get("/", "-H", "Connection: x-api-key, close").code, 200)
        self.assertEqual(self.arrived()[1]["x-api-key"], [KEY])
        self.assertNotIn("x-api-key", "".join(self.arrived()[1].get("connection", [])))

    def test_a_format_and_a_variable(self):
        self.configure(header="Authorization", format="Bearer {}", value_env="KEY_IN_ENVIRONMENT")
        self.assertEqual(self.get("/", "-H", f"Authorization: Bearer {ATTACKERS}").code, 200)
        self.assertEqual(self.arrived()[1]["authorization"], [f"Bearer {KEY}"])

    def test_several_headers_of_a_host(self):
        self.configure({"value_file": self.key}, {"value_env": "KEY_IN_ENVIRONMENT", "header": "X-Application"})
        self.assertEqual(self.get().code, 200)
        self.assertEqual([self.arrived()[1][name] for name in ("x-api-key", "x-application")], [[KEY]] * 2)

    def test_each_request_of_a_connection_gets_it(self):
        self.assertEqual(self.get("/a", self.url + "/b", "-H", "x-api-key: p").code, 200)
        self.assertEqual([KEY in head for _, head in Handler.heads], [True, True])

    def test_an_upload_arrives(self):
        body = self.directory / "body"
        body.write_bytes(b"the quick brown " * 40_000)
        response = self.get("/upload", "--data-binary", f"@{body}", "--output", self.directory / "echo")
        self.assertEqual(response.code, 200, response.error)
        self.assertTrue((self.directory / "echo").read_bytes().endswith(body.read_bytes()))

    def test_another_method_or_path_is_refused(self):
        self.configure(value_file=self.key, methods=["POST"], paths=["/v1/messages"])
        for path, method in (
            ("/v1/messages", "GET"),
            ("/v1/files", "POST"),
            ("/v1/messages/../files", "POST"),
            ("/v1/messages/%2e%2e/files", "POST"),
            ("//v1/messages", "POST"),
        ):
            self.assertDenied(self.get(path, "-X", method), 403, "are not for this method and path")
        override = ("-H", "X-HTTP-Method-Override: DELETE", "-H", "X-Original-URL: /v1/files")
        self.assertEqual(self.get("/v1/messages/batches?limit=1", "-X", "POST", *override).code, 200)
        self.assertFalse({"x-http-method-override", "x-original-url"} & self.arrived()[1].keys())

    def test_plain_http_to_the_host_is_refused(self):
        response = self.get(url=f"http://localhost:{self.plain}")
        self.assertDenied(response, 403, "localhost has credentials, so it is reached by https only")
        self.assertEqual(self.testbed.plain.requests, [])

    def test_another_port_of_the_host_gets_nothing(self):
        self.assertEqual(self.get(url=f"https://localhost:{self.free}").code, 200)
        self.assertNotIn("x-api-key", self.arrived()[1])

    def test_a_host_that_a_wildcard_alone_allows_gets_nothing_and_is_refused(self):
        self.configure(host=f"other.localhost:{self.secure}", value_file=self.key)
        response = self.get(url=f"https://other.localhost:{self.secure}")
        self.assertDenied(response, 503, "only a wildcard allows other.localhost", "an entry of its own")
        self.assertEqual(self.get().code, 200)
        self.assertNotIn("x-api-key", self.arrived()[1])

    def test_a_redirect_does_not_carry_it_along(self):
        response = self.get("/redirect", "--location-trusted", "-H", "x-api-key: placeholder")
        self.assertEqual(response.code, 200, response.text + response.error)
        (_, first), (host, second) = Handler.heads
        self.assertIn(KEY, first)
        self.assertEqual(host, f"localhost:{self.free}")
        self.assertNotIn(KEY, second)
        self.assertIn("x-api-key: placeholder", second)

    def test_a_missing_or_empty_value_is_a_503_and_one_line_until_it_is_there_again(self):
        for number, content in enumerate((None, "", "\n"), 1):
            self.key.unlink()
            if content is not None:
                self.replace(self.key, content)
                os.utime(self.key, (1, 1))
            wait_until(lambda: self.get().code == 503, "the file is no longer young")
            Handler.heads = ()
            for _ in range(2):
                response = self.get()
                self.assertDenied(response, 503, "the credential of localhost is not available; the log of egress says")
            self.said("cannot put in the credential of localhost", number)
            self.assertIn(f"localhost:{self.secure} 0 ", self.metrics())
            self.replace(self.key, OTHER)
            self.assertEqual(self.get().code, 200)
            self.assertEqual(self.arrived()[1]["x-api-key"], [OTHER])

    def test_a_rotated_value_counts_at_once(self):
        for value in (OTHER, KEY, OTHER):
            Handler.heads = ()
            self.replace(self.key, value)
            self.assertEqual(self.get().code, 200)
            self.assertEqual(self.arrived()[1]["x-api-key"], [value])

    def test_a_wrong_file_leaves_the_old_credentials_in_force(self):
        self.addCleanup(self.replace, self.file, self.configured)
        self.replace(self.file, "- {host: [\n")
        self.assertEqual(self.get("/", "-H", f"x-api-key: {ATTACKERS}").code, 200)
        self.assertEqual(self.arrived()[1]["x-api-key"], [KEY])

    def test_rejections_are_counted_and_said_at_the_first(self):
        before = self.rejections()
        self.replace(self.key, OTHER)  # a new value is said again
        lines = len(self.egress.lines("to the credential from"))
        for status in (401, 401, 403, 404, 429):
            self.assertEqual(self.get(f"/{status}").code, status)
        self.assertEqual(self.get("/compressed-401").code, 502)  # what of it the agent gets
        wait_until(lambda: self.rejections() == [before[0] + 3, before[1] + 1], "the counts")
        self.said(f"localhost answers 401 to the credential from {self.key}", lines + 1)

    def test_more_requests_than_the_budget_are_a_429_with_the_time_to_wait(self):
        self.configure(value_file=self.key, requests_per_minute=3, paths=["/v1"])
        self.assertEqual([self.get("/v1").code for _ in range(3)], [200] * 3)
        Handler.heads = ()
        response = self.get("/v1")
        self.assertDenied(response, 429, "the requests per minute of localhost are used up")
        self.assertTrue(1 <= int(re.search(r"Retry-After: (\d+)\r\n", response.text)[1]) <= 60, response.text)

    def test_the_counts_are_for_this_host_alone(self):
        self.assertRegex(self.metrics(), rf"^localhost:{self.secure} 1 \d+ \d+\n$")
        address = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=False).stdout.split()
        if not address:
            self.skipTest("this machine has no address but those of loopback")
        request = f"GET {HEALTH}credentials HTTP/1.1\r\nHost: egress.health\r\nConnection: close\r\n\r\n".encode()
        with support.socket.create_connection((address[0], self.port), LIMIT) as connection:
            connection.sendall(request)
            self.assertIn(b" 404 ", support.read_until(connection, b"\r\n"))

    def test_a_value_in_the_answer_is_redacted(self):
        stars = "*" * len(KEY)
        for path in ("/", "/401", "/until-close"):
            response = self.get(path, "-v")
            self.assertIn(stars, response.text, path)
            self.assertNotIn(KEY, response.error)
        response = self.get("/header", "-v")
        for part in (f"Location: /{stars}", f"X-Echo: {stars}", f"X-{stars}: 1", f"HTTP/1.1 200 Reason {stars}"):
            self.assertIn(part, response.text)
        self.assertTrue(self.get("/until-close").text.endswith(stars + "s"))

    def test_a_value_of_the_host_for_other_requests_is_redacted(self):
        self.replace(self.key, OTHER)
        self.configure({"value_env": "KEY_IN_ENVIRONMENT", "paths": ["/a"]}, {"value_file": self.key, "paths": ["/b"]})
        response = self.get("/a", "-d", f"what the host has stored of /b: {OTHER}")
        self.assertTrue(response.text.endswith("of /b: " + "*" * len(OTHER)), response.text)
        self.assertNotIn(KEY, response.text)

    def test_no_error_quotes_what_the_host_sent(self):
        for number in range(len(MALFORMED)):
            response = self.get(f"/malformed{number}")
            for text in (response.text, self.egress.text()):
                self.assertNotIn(KEY[:10], text)
                self.assertNotIn(KEY.encode().hex()[:20], text)
            self.assertTrue(response.code == 502 or response.error, response.text)
            wait_until(lambda n=number: len(self.egress.lines(f"/malformed{n} failed: ")) == 1, "a line")

    def test_no_part_of_an_answer_can_be_asked_for(self):
        self.get("/", "-H", "Range: bytes=0-9", "-H", "If-Range: x", "-H", "Accept-Encoding: gzip, br")
        _, fields = self.arrived()
        self.assertFalse({"range", "if-range"} & fields.keys())
        self.assertEqual(fields["accept-encoding"], ["identity"])
        self.assertEqual(self.get("/", "--head").code, 200)

    def test_a_compressed_answer_is_withheld(self):
        response = self.get("/compressed")
        self.assertEqual(response.code, 502, response.text + response.error)
        self.assertIn("egress: the answer is compressed", response.text)
        self.assertNotIn("not really", response.text)
        for empty in (self.get("/compressed", "--head"), self.get("/compressed-empty")):
            self.assertEqual((empty.code, empty.error), (200, ""))

    def test_the_first_event_of_a_stream_arrives_at_once_and_the_value_in_a_later_one_is_redacted(self):
        context = ssl.create_default_context(cafile=self.ca)
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=LIMIT, context=context)
        self.addCleanup(connection.close)
        connection.set_tunnel("localhost", self.secure)
        connection.request("GET", "/stream")
        response = connection.getresponse()
        self.assertEqual(response.readline() + response.readline(), b"data: first\n\n")
        Handler.released.set()
        self.assertEqual(response.read(), b"data: " + b"*" * len(KEY) + b"\n\ndata: last sk-te")


class ProcessTest(Chain):
    @unittest.skipUnless(os.getuid() == 0, "needs root, to become another user")
    def test_no_process_of_its_user_reads_its_memory_and_environment(self):
        nobody = pwd.getpwnam("nobody").pw_uid
        self.directory.joinpath("confdir").chmod(0o777)
        for file in self.directory.rglob("*"):
            os.chown(file, nobody, -1, follow_symlinks=False)
        port = free_port()
        egress = self.testbed.healthy_egress(
            port, EGRESS_USER="nobody", CLAUDE_BOTTLE_CREDENTIALS=str(self.file), KEY_IN_ENVIRONMENT=KEY
        )
        for part in ("environ", "mem", "maps", "fd"):
            path = f"/proc/{egress.process.pid}/{part}"
            as_its_user = ["setpriv", f"--reuid={nobody}", "--clear-groups", "--inh-caps=-all"]
            read = ["ls" if part == "fd" else "head", path]
            done = subprocess.run([*as_its_user, *read], capture_output=True, text=True, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("denied", done.stderr.lower(), part)
        commands = subprocess.run(["ps", "axww", "-o", "args="], capture_output=True, text=True, check=True).stdout
        self.assertFalse(KEY in commands)


class StartTest(unittest.TestCase):
    def test_a_wrong_file_is_an_error_at_the_start_with_every_mistake(self):
        testbed = Testbed()
        self.addCleanup(testbed.close)
        file = testbed.directory / "credentials.yaml"
        file.write_text(f"- {{host: '*.example', header: Host, value: {KEY}}}\n")
        egress = testbed.start_egress(free_port(), CLAUDE_BOTTLE_CREDENTIALS=str(file))
        self.assertEqual(egress.exit_code(), 1)
        (line,) = egress.lines("cannot start egress: ")
        for part in ("entry 1: host: ", "entry 1: header: ", '"value" is not a key', "either value_file or value_env"):
            self.assertIn(part, line)
        self.assertNotIn(KEY, egress.text())


@unittest.skipUnless(support.REAL_PIPELOCK, "needs a real pipelock (PIPELOCK_BIN)")
class ScannedTest(Chain):
    """A host without the mark passthrough, whose requests pipelock reads."""

    marks = ""

    def test_a_value_that_is_no_known_kind_of_secret_arrives(self):
        self.replace(self.key, UNKNOWN)
        self.assertEqual(self.get("/", "-H", f"x-api-key: {ATTACKERS}").code, 200)
        self.assertEqual(self.arrived()[1]["x-api-key"], [UNKNOWN])

    def test_a_secret_of_the_agent_is_blocked(self):
        self.replace(self.key, UNKNOWN)
        secret = "AKIA" + "IOSFODNN7" + "EXAMPLE"
        self.assertEqual(self.get("/", "-d", f"key={secret}").code, 403)
        self.assertEqual(Handler.heads, ())

    def test_a_value_that_pipelock_takes_for_a_leak_is_said_once_and_does_not_count_as_rejected(self):
        before = self.rejections()
        for _ in range(2):
            response = self.get()
            self.assertEqual(response.code, 403)
            self.assertIn("blocked: request header contains secret", response.text)
        self.assertEqual(Handler.heads, ())
        self.said("pipelock blocks a header of a request to localhost: if it takes the credential for a leak, mark")
        self.assertEqual(self.rejections(), before)


if __name__ == "__main__":
    unittest.main()
