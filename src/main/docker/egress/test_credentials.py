"""Tests what the file of credentials may say, which requests an entry is for, and what a request must lack."""

import base64
import errno
import importlib.util
import json
import os
import pathlib
import random
import re
import tempfile
import unittest
import urllib.parse
from unittest import mock

if not importlib.util.find_spec("mitmproxy"):
    raise unittest.SkipTest("this is not the Python of mitmproxy")

import allowed_hosts
import authentication
import credentials
import denied
import live_credentials
import live_file
import log_lines
import redaction
import support
from mitmproxy import http

KEY = "sk-" + "test-0123456789abcdefghij"


class FileTest(unittest.TestCase):
    def setUp(self):
        self.file = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "credentials.yaml"

    def read(self, text):
        self.file.write_text(text)
        return credentials.read({credentials.VARIABLE: str(self.file)})

    def mistakes(self, text):
        with self.assertRaises(credentials.InvalidCredentials) as caught:
            self.read(text)
        message = str(caught.exception)
        self.assertNotIn("\n", message)
        return message

    def test_entries_with_and_without_options(self):
        short, long = self.read(
            "# ours\n"
            "- {host: api.anthropic.com, header: x-api-key, value_file: /run/secrets/anthropic}\n"
            "- host: API.Example.com.:8443\n"
            "  header: Authorization\n"
            '  format: "Bearer {}"\n'
            "  value_env: OPENAI_API_KEY\n"
            "  methods: [GET, POST]\n"
            "  paths: [/v1/models, /v1/chat/]\n"
            "  requests_per_minute: 60\n"
            "  remove_headers: [X-Tenant]\n"
            "  remove_query: [tenant_key]\n"
        )
        self.assertEqual(
            (short.host, short.port, short.header, short.format), ("api.anthropic.com", 443, "x-api-key", "{}")
        )
        self.assertEqual((short.value_file, short.value_env), ("/run/secrets/anthropic", None))
        self.assertEqual((short.methods, short.paths, short.requests_per_minute), ((), (), None))
        self.assertEqual((long.host, long.port, long.format), ("api.example.com", 8443, "Bearer {}"))
        self.assertEqual((long.methods, long.paths), (("GET", "POST"), ("/v1/models", "/v1/chat/")))
        self.assertEqual(
            (long.requests_per_minute, long.remove_headers, long.remove_query), (60, ("X-Tenant",), ("tenant_key",))
        )

    def test_an_empty_file_has_no_credentials(self):
        for text in ("", "# nothing\n", "[]\n"):
            self.assertEqual(self.read(text), ())

    def test_the_default_file_need_not_exist_and_one_that_is_named_must(self):
        with mock.patch.object(credentials, "FILE", str(self.file)):
            self.assertEqual(credentials.read({}, required=False), ())
            for environ, required in (({}, True), ({credentials.VARIABLE: str(self.file)}, False)):
                with self.assertRaisesRegex(credentials.InvalidCredentials, "No such file or directory"):
                    credentials.read(environ, required)

    def test_the_documented_files_are_taken(self):
        document = (support.ROOT / "docs/guards.md").read_text()
        (block,) = re.findall(r"\n```yaml\n(- \{host: .*?)```", document, re.DOTALL)
        self.assertEqual(len(self.read(block)), 2)
        example = (support.ROOT / "hosts/credentials.yaml").read_text()
        self.assertEqual(self.read(example), ())
        self.assertEqual(len(self.read(re.sub(r"(?m)^# (- |  )", r"\1", example))), 2)

    def test_each_mistake_is_named_with_its_entry(self):
        entry = {"host": "a.example", "header": "x-api-key", "value_env": "KEY"}
        for change, expected in (
            ({"host": "*.example"}, "host: expected one host"),
            ({"host": "127.0.0.1"}, "host: expected one host"),
            ({"host": "a.example:0"}, "host: expected one host"),
            ({"host": 5}, "host: expected one host"),
            ({"header": "x api"}, "header: expected"),
            ({"header": "Host"}, "header: expected"),
            ({"header": "Content_Length"}, "header: expected"),
            ({"header": None}, "header: expected"),
            ({"format": "Bearer"}, "format: expected text with one {}"),
            ({"format": "{} {}"}, "format: expected"),
            ({"format": "a\n{}"}, "format: expected"),
            ({"value_env": "sk-x"}, "value_env: expected the name of a variable"),
            ({"value_file": "/a"}, "expected either value_file or value_env"),
            ({"value_env": None}, "value_env: expected"),
            ({"value_env": None, "value_file": "/a\0b"}, "value_file: expected"),
            ({"value_env": None, "value_file": "/a\nb"}, "value_file: expected"),
            ({"methods": ["get"]}, "methods: expected a list of methods in capitals"),
            ({"methods": "GET"}, "methods: expected"),
            ({"methods": []}, "methods: expected"),
            ({"paths": ["v1"]}, "paths: expected"),
            ({"paths": ["/v1/../x"]}, "paths: expected"),
            ({"paths": ["/v1?x"]}, "paths: expected"),
            ({"paths": ["/%2e"]}, "paths: expected"),
            ({"requests_per_minute": 0}, "requests_per_minute: expected a number"),
            ({"requests_per_minute": True}, "requests_per_minute: expected"),
            ({"requests_per_minute": "6"}, "requests_per_minute: expected"),
            ({"remove_headers": ["a b"]}, "remove_headers: expected"),
            ({"remove_query": [""]}, "remove_query: expected"),
            ({"port": 8443}, '"port" is not a key; expected host, header, format, value_file'),
        ):
            message = self.mistakes(json.dumps([entry, {**entry, "host": "b.example"} | change]))
            self.assertTrue(message.startswith(f"{self.file}: entry 2: "), message)
            self.assertIn(expected, message)
        without = {"header": "x-api-key", "value_file": "relative"}
        message = self.mistakes(json.dumps([without, "text", {}]))
        for part in (
            "entry 1: host: ",
            "entry 1: value_file: expected the absolute",
            "entry 2: expected keys",
            "entry 3: ",
        ):
            self.assertIn(part, message)

    def test_no_mistake_quotes_what_may_be_a_credential(self):
        entry = "{host: a.example, header: x-api-key, value_env: KEY, "
        for text in (
            f"- {entry}value: {KEY}}}\n",
            f"- {entry}value_env: {KEY}}}\n",
            f"- {{host: a.example, header: x-api-key, value_env: {KEY}}}\n",
            f"- {{host: a.example, header: x-api-key, value_file: {KEY}}}\n",
            f"- {{host: {KEY}, header: 'x {KEY}', format: {KEY}, {KEY}: 1}}\n",
            f"- {KEY}\n",
            f"{KEY}\n",
            f"{KEY}: {KEY}: {KEY}\n",
            f"- *{KEY}\n",
            f"- !{KEY} x\n",
            f"@{KEY}\n",
            f"- !!int {KEY}\n",
            f"- !!bool {KEY}\n",
        ):
            self.assertNotIn(KEY[:10], self.mistakes(text), text)

    def test_what_is_not_a_list_or_not_yaml_or_not_text_is_a_mistake(self):
        self.assertIn("expected a list of entries", self.mistakes("host: a.example\n"))
        self.assertIn("line 3: ", self.mistakes("- {host: a.example}\n- {host: [\n"))
        self.assertIn("line 1: a key occurs twice", self.mistakes("- {host: a.example, host: b.example}\n"))
        for text in ("- 2001-99-99\n", "- 0x_\n", "- !!bool x\n", "[" * 5000):  # on which the parser stumbles
            self.assertIn("not YAML", self.mistakes(text))
        self.file.write_bytes(b"\xff")
        with self.assertRaisesRegex(credentials.InvalidCredentials, "not UTF-8 text"):
            credentials.read({credentials.VARIABLE: str(self.file)})
        with self.assertRaisesRegex(credentials.InvalidCredentials, "Is a directory"):
            credentials.read({credentials.VARIABLE: str(self.file.parent)})

    def test_two_entries_must_not_set_the_same_header_of_a_request(self):
        def entry(more="", header="x-api-key", host="a.example"):
            return f"- {{host: {host}, header: {header}, value_env: KEY{more}}}\n"

        for first, second in (
            (entry(), entry()),
            (entry(), entry(header="X_Api_Key", host="a.example:443")),
            (entry(", methods: [GET]"), entry(", methods: [GET, PUT]")),
            (entry(", paths: [/v1]"), entry(", paths: [/v2, /v1/models]")),
            (entry(", paths: [/v1]"), entry()),
        ):
            self.assertIn("entry 2: entry 1 sets the same header", self.mistakes(first + second))
        for first, second in (
            (entry(), entry(header="x-tenant")),
            (entry(), entry(host="a.example:8443")),
            (entry(", methods: [GET]"), entry(", methods: [PUT]")),
            (entry(", paths: [/v1]"), entry(", paths: [/v10]")),
        ):
            self.assertEqual(len(self.read(first + second)), 2)

    def test_entries_for_other_headers_or_hosts_are_not_compared_so_that_hundreds_are_read_fast(self):
        entries = [{"host": f"{n // 2}.example", "header": f"x-{n % 2}", "value_env": "KEY"} for n in range(200)]
        with mock.patch.object(credentials.Credential, "overlaps") as overlaps:
            self.assertEqual(len(self.read(json.dumps(entries))), 200)
        overlaps.assert_not_called()


def credential(**more):
    fields = dict.fromkeys(credentials.Credential._fields)
    fields |= {"host": "a.example", "port": 443, "header": "x-api-key", "format": "{}", "value_env": "KEY"}
    fields |= {"methods": (), "paths": (), "remove_headers": (), "remove_query": ()}
    return credentials.Credential(**(fields | more))


class RequestsTest(unittest.TestCase):
    def test_an_entry_without_methods_and_paths_is_for_every_request(self):
        self.assertTrue(credential().is_for("DELETE", "/a/../b"))

    def test_methods(self):
        entry = credential(methods=("GET", "POST"))
        self.assertEqual(
            [entry.is_for(each, "/") for each in ("GET", "POST", "PUT", "get")], [True, True, False, False]
        )

    def test_a_path_covers_whole_segments(self):
        entry = credential(paths=("/v1/messages", "/files/"))
        for path in (
            "/v1/messages",
            "/v1/messages?x=/../",
            "/v1/messages/a",
            "/v1/messages/",
            "/files/",
            "/files/a.b..c",
        ):
            self.assertTrue(entry.is_for("GET", path), path)
        for path in ("/v1", "/v1/messages2", "/V1/messages", "/files", "/", "*", "/v1/%6dessages", "/x/v1/messages"):
            self.assertFalse(entry.is_for("GET", path), path)

    def test_a_path_that_servers_read_in_different_ways_is_not_covered(self):
        entry = credential(paths=("/v1/messages",))
        for rest in (
            "/../files",
            "/..",
            "/./a",
            "//a",
            "/a/..;x/b",
            "/%2e%2E/files",
            "/..%2ffiles",
            "\\..\\files",
            "/%252e%252e/a",
            "/a%00",
            "/\u00c0\u00ae\u00c0\u00ae/files",
            "/%u002e%u002e/files",
            "/%E0%80%AE./files",
            "/100%",
        ):
            self.assertFalse(entry.is_for("GET", "/v1/messages" + rest), rest)


class AuthenticationTest(unittest.TestCase):
    def removed(self, host, query):
        path = authentication.without_parameters(b"/a?" + query.encode(), authentication.names_of(host).parameters)
        return path.decode()

    def test_parameters_are_removed_in_every_spelling_and_the_rest_stays_as_it_is(self):
        for query, left in (
            ("api_key=x", "/a"),
            ("a=1&api_key=x&b=%2e", "/a?a=1&b=%2e"),
            ("API-Key=x&a=1", "/a?a=1"),
            ("a=1;apikey=x;b=2", "/a?a=1;b=2"),
            ("%61pi%5Fkey=x&a", "/a?a"),
            ("api+key=x&access_token&a=1", "/a?a=1"),
            ("a=api_key=x&my_api_key=1", "/a?a=api_key=x&my_api_key=1"),
            ("", "/a?"),
            ("&&a", "/a?&&a"),
            ("api_key[]=x&api%00key=y&a[]=1", "/a?a[]=1"),
            ("[api_key]=x&%5B%5D[api_key][]=y&a[api_key]=1", "/a?a[api_key]=1"),
        ):
            self.assertEqual(self.removed("a.example", query), left, query)

    def test_a_well_known_host_has_more(self):
        self.assertEqual(self.removed("a.example", "key=x"), "/a?key=x")
        for host, query in (
            ("generativelanguage.googleapis.com", "key=x&$httpHeaders=x-goog-api-key:y&%24httpMethod=DELETE"),
            ("storage.googleapis.com", "X-Goog-Credential=x&X-Goog-Signature=y"),
            ("bedrock-runtime.eu-west-1.amazonaws.com", "X-Amz-Credential=x&X-Amz-Signature=y&X-Amz-Security-Token=z"),
            ("x.openai.azure.com", "api-key=x&subscription-key=y"),
            ("gitlab.com", "private_token=x&job_token=y"),
            ("api.github.com", "access_token=x&client_id=y&client_secret=z"),
            ("slack.com", "token=x"),
        ):
            self.assertEqual(self.removed(host, query), "/a", host)
        self.assertEqual(authentication.names_of("notgoogleapis.com"), authentication.names_of("a.example"))

    def test_every_name_is_written_as_it_is_compared(self):
        every = [authentication.names_of("a.example"), *authentication.WELL_KNOWN.values()]
        for names in every:
            for name in names.headers | authentication.OVERRIDES:
                self.assertEqual(authentication.normal_header(name), name)
            for name in names.parameters:
                self.assertEqual(authentication.normal_parameter(name), name)

    def test_headers_are_removed_in_every_spelling(self):
        fields = [(b"X_API-Key", b"1"), (b"x-api-key", b"2"), (b"X-Api-Keys", b"3"), (b"COOKIE", b"4")]
        fields += [(b"X.Api.Key", b"5"), (b"x!api~key", b"6"), (b"Auth-Token", b"7"), (b"X-Authorization", b"8")]
        left = authentication.without_headers(fields, authentication.names_of("a.example").headers)
        self.assertEqual(left, [(b"X-Api-Keys", b"3")])


class RedactorTest(unittest.TestCase):
    def stream(self, data, sizes):
        redactor, passed = redaction.Redactor([KEY]), b""
        while data:
            size = next(sizes)
            passed += redactor.feed(data[:size])
            data = data[size:]
        return passed + redactor.flush()

    def test_a_value_is_redacted_wherever_the_stream_is_cut(self):
        raw = KEY.encode()
        data = b"s" + raw + b", " + raw + raw + b" sk-" + raw[:-1] + b"!" + raw[:5]
        expected = data.replace(raw, b"*" * len(raw))
        for size in range(1, len(data) + 1):
            self.assertEqual(self.stream(data, iter(lambda size=size: size, 0)), expected, size)

    def test_only_the_end_of_an_incomplete_line_waits(self):
        redactor = redaction.Redactor([KEY])
        self.assertEqual(redactor.feed(b"data: 1\n\n"), b"data: 1\n\n")
        self.assertEqual(redactor.feed(b"data: sk"), b"")
        self.assertEqual(redactor.feed(b"y\n\n"), b"data: sky\n\n")
        self.assertEqual(len(redactor.feed(b"a" * 1000)), 1001 - 2 * len(KEY))  # hexadecimal digits
        self.assertEqual(redactor.feed(b"\x00"), b"a" * (2 * len(KEY) - 1) + b"\x00")
        self.assertEqual(redactor.feed(b"end"), b"")
        self.assertEqual(redactor.flush(), b"end")

    def test_what_waits_tells_nothing_about_the_value(self):
        for size in range(1, len(KEY)):
            for before in (b"\n", b"x" * 1000):
                right, wrong = redaction.Redactor([KEY]), redaction.Redactor([KEY])
                passed = right.feed(before + KEY[:size].encode())
                self.assertEqual(len(passed), len(wrong.feed(before + KEY[: size - 1].encode() + b"!")))

    def test_of_values_that_begin_alike_the_longer_one_is_redacted_wherever_the_stream_is_cut(self):
        data = f"{KEY}.secret, {KEY}\n".encode()
        for size in range(1, len(data)):
            redactor = redaction.Redactor([KEY, KEY + ".secret"])
            passed = redactor.feed(data[:size]) + redactor.feed(data[size:]) + redactor.flush()
            self.assertEqual(passed, re.sub(rb"[^, \n]", b"*", data), size)

    def test_random_data_arrives_as_it_is_except_for_the_value(self):
        chance = random.Random(1)
        pieces = [KEY.encode(), KEY[:-1].encode(), KEY.encode().hex().encode(), b"\n", b"\x00\xff", b"sk-", b"s" * 99]
        for _ in range(200):
            chosen = chance.choices(pieces, k=50)
            expected = b"".join(b"*" * len(piece) if piece in (pieces[0], pieces[2]) else piece for piece in chosen)
            self.assertEqual(self.stream(b"".join(chosen), iter(lambda: chance.randrange(1, 200), 0)), expected)

    def test_the_usual_encodings_are_redacted(self):
        value = 'p+a/s=s"w<o&r>d' + "'0123"
        urlsafe = base64.urlsafe_b64encode(b"x" + value.encode() + b"tail").decode()
        for text in (
            value,
            json.dumps({"key": value}),
            json.dumps({"key": value}).replace("/", "\\/"),
            urllib.parse.quote(value, safe=""),
            urllib.parse.quote_plus(value).lower(),
            urllib.parse.quote(urllib.parse.quote(value, safe=""), safe=""),
            urllib.parse.quote(value),
            urllib.parse.quote(value, safe="!'()*"),  # as encodeURIComponent()
            json.dumps(value).replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026"),  # as Go
            r"p\u002Ba/s=s\u0022w\u003Co\u0026r\u003Ed\u00270123",  # as .NET
            r"p+a/s\u003ds\"w\u003co\u0026r\u003ed\u00270123",  # as Gson
            "p+a/s=s&quot;w&lt;o&amp;r&gt;d&#x27;0123",
            value.encode().hex(),
            value.encode().hex().upper(),
        ):
            redacted = redaction.Redactor([value]).redact(text.encode())
            self.assertEqual(len(redacted), len(text))
            self.assertGreaterEqual(redacted.count(b"*"), len(value), text)
        for before in range(4):
            encoded = base64.b64encode(b"y" * before + value.encode() + b"tail")
            self.assertGreaterEqual(redaction.Redactor([value]).redact(encoded).count(b"*"), len(value), before)
        self.assertIn(b"*****", redaction.Redactor([value]).redact(urlsafe.encode()))

    def test_the_user_and_the_password_of_basic_are_redacted(self):
        value = base64.b64encode(b"robot:correct-horse").decode()
        redactor = redaction.Redactor([value])
        self.assertEqual(redactor.redact(b"hello robot:correct-horse"), b"hello " + b"*" * 19)
        self.assertEqual(redactor.redact(b"password correct-horse"), b"password " + b"*" * 13)


class LiveTest(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.file = self.directory / "credentials.yaml"
        self.key = self.directory / "key"
        self.key.touch(0o400)
        self.key.write_text(KEY + "\n")
        self.said = []
        self.time = self.enterContext(mock.patch.object(live_file.time, "time", return_value=1e12))  # every file is old
        self.addCleanup(log_lines._hidden.clear)

    def follow(self, text=None, **environ):
        self.file.write_text(text or f"- {{host: a.example, header: x-api-key, value_file: {self.key}}}\n")
        environ = {credentials.VARIABLE: str(self.file), **environ}
        return live_credentials.LiveCredentials(environ, self.said.append)

    def request(self, live, status=200):
        """A request of the agent, which its host answers with this status."""
        request = http.Request.make("GET", "https://a.example/v1")
        answer = live.put_into(request, allowed_hosts.read({allowed_hosts.VARIABLE: "a.example"}), tunnel=True)
        if answer:
            answer.status = status
            live.answered(answer)

    def available(self, live):
        return [available for _, _, available, _ in live.counts()]

    def test_credentials_that_are_there_are_a_line_that_does_not_quote_them(self):
        live = self.follow()
        self.assertEqual(live.counts(), [("a.example", 443, True, {401: 0, 403: 0})])
        self.assertEqual(self.said, [f"{self.file}: credentials in force: 1"])

    def test_a_value_that_cannot_be_used_is_said_once_until_it_can(self):
        for content, reason in (
            (None, "No such file or directory"),
            ("", "is empty"),
            (" \n", "is empty"),
            ("a" * 7, "has 7 characters; expected 8 to 8192"),
            ("a" * 8193, "has 8193 characters"),
            (f"{KEY}\n{KEY}", "must have one line"),
            ("schl\u00fcssel", "must have one line, of printable ASCII"),
        ):
            self.said.clear()
            self.key.unlink(missing_ok=True)
            if content is not None:
                self.key.touch(0o400)
                self.key.write_text(content)
            live = self.follow()
            for _ in range(3):
                self.assertEqual(self.available(live), [False])
            self.assertEqual(len(self.said), 2, self.said)
            self.assertIn("cannot put in the credential of a.example, so its requests are refused: ", self.said[1])
            self.assertIn(reason, self.said[1])
            self.key.touch(0o400)
            self.key.write_text(KEY)
            self.assertEqual(self.available(live), [True])
            self.assertIn(f"{self.key} has changed: the new credential of a.example counts", self.said[2])

    def test_a_value_that_egress_must_not_read_is_said_with_its_user(self):
        denied = PermissionError(errno.EACCES, "Permission denied")
        with mock.patch.object(os, "open", side_effect=denied):
            self.assertEqual(self.available(self.follow()), [False])
        self.assertIn(f"{self.key}: Permission denied for the user {os.geteuid()}", self.said[1])

    def test_a_named_pipe_or_a_directory_does_not_stop_egress(self):
        self.key.unlink()
        os.mkfifo(self.key)
        self.assertEqual(self.available(self.follow()), [False])
        self.assertIn(f"{self.key} is no regular file", self.said[1])
        self.key.unlink()
        self.key.mkdir()
        self.assertEqual(self.available(self.follow()), [False])
        self.assertIn(f"{self.key}: Is a directory", self.said[-1])

    def test_a_value_in_the_middle_of_being_written_is_still_the_old_one(self):
        live = self.follow()
        self.key.write_text("")
        self.time.return_value = self.key.stat().st_ctime + 0.1
        self.assertEqual(self.available(live), [True])
        self.time.return_value += 5
        self.assertEqual(self.available(live), [False])

    def test_a_file_in_the_middle_of_being_written_ends_no_credentials(self):
        live = self.follow()
        whole = self.file.read_text()
        longer = whole + whole.replace("a.example", "b.example").replace("}", ", methods: [GET]}")
        for half in ("", whole.replace("a.example", "b.example"), longer):
            self.file.write_text(half)
            self.time.return_value = self.file.stat().st_ctime + 0.1
            self.assertEqual([host for host, *_ in live.counts()], ["a.example"])
        self.time.return_value += 5
        self.assertEqual([host for host, *_ in live.counts()], ["a.example", "b.example"])
        self.assertEqual(self.said[1:], [f"{self.file}: credentials in force: 2"])

    def test_a_value_that_other_users_can_read_is_said(self):
        for mode, directory, said in ((0o404, 0o711, 2), (0o404, 0o700, 1), (0o440, 0o711, 1)):
            self.said.clear()
            self.key.chmod(mode)
            self.directory.chmod(directory)
            self.assertEqual(self.available(self.follow()), [True])
            self.assertEqual(len(self.said), said, self.said)
            owner = f"and the user {os.geteuid()} as its owner"
            self.assertEqual(
                self.said[1:], [f"other users can read {self.key}; it should have the mode 0400, {owner}"][: said - 1]
            )

    def test_a_variable(self):
        text = "- {host: a.example, header: x-api-key, value_env: KEY}\n"
        self.assertEqual(self.available(self.follow(text, KEY=KEY)), [True])
        self.assertEqual(self.available(self.follow(text)), [False])
        self.assertIn("the variable KEY is not set; the container must have it, and the bundle file", self.said[-1])

    def test_a_host_is_available_if_all_its_values_are(self):
        entry = "- {host: a.example, header: x-api-key, value_env: KEY}\n"
        other = f"- {{host: a.example, header: x-tenant, value_file: {self.key}}}\n"
        for text in (entry + other, other + entry):
            self.assertEqual(self.available(self.follow(text)), [False])
            self.assertEqual(self.available(self.follow(text, KEY=KEY)), [True])

    def test_a_wrong_file_is_said_once_and_the_old_credentials_stay(self):
        live = self.follow()
        for wrong in (f"- {KEY}\n", None):
            self.said.clear()
            self.file.unlink()
            if wrong:
                self.file.write_text(wrong)
            for _ in range(2):
                self.assertEqual(self.available(live), [True])
            self.assertEqual(len(self.said), 1)
            self.assertIn("cannot read the credentials, so the old ones stay in force: ", self.said[0])
        self.file.write_text("[]\n")
        self.assertEqual(live.counts(), [])
        self.assertEqual(self.said[1:], [f"{self.file}: credentials in force: 0"])

    def test_a_file_that_is_right_again_is_said(self):
        live = self.follow()
        right = self.file.read_text()
        for text in ("- a: [\n", right):
            self.file.write_text(text)
            self.assertEqual(self.available(live), [True])
        self.assertEqual(self.said[2:], [f"{self.file}: credentials in force: 1"])

    def test_a_default_file_that_vanishes_does_not_end_the_credentials(self):
        with mock.patch.object(credentials, "FILE", str(self.file)):
            self.file.write_text(f"- {{host: a.example, header: x-api-key, value_file: {self.key}}}\n")
            live = live_credentials.LiveCredentials({}, self.said.append)
            self.file.unlink()
            self.assertEqual(self.available(live), [True])
            none = live_credentials.LiveCredentials({}, self.said.append)
            self.assertEqual(none.counts(), [])
            self.file.write_text(f"- {{host: b.example, header: x-api-key, value_file: {self.key}}}\n")
            self.assertEqual([host for host, *_ in none.counts()], ["b.example"])

    def test_no_credentials_are_no_line(self):
        self.assertEqual(self.follow("[]\n").counts(), [])
        self.assertEqual(self.said, [])

    def test_with_a_file_that_is_wrong_from_the_start_no_request_leaves_until_it_is_right(self):
        live = self.follow("- {host: [\n")
        self.assertIn("cannot read the credentials, so no request leaves: ", self.said[0])
        with self.assertRaises(denied.Denied) as caught:
            self.request(live)
        self.assertEqual(caught.exception.status, 503)
        self.file.write_text("[]\n")
        self.request(live)

    def test_a_rejection_is_said_at_the_first_and_again_after_a_success_or_a_new_value(self):
        live = self.follow()
        for statuses, said in (((401, 403, 500, 401), 1), ((200, 401, 401), 2), ((401,), 2)):
            for status in statuses:
                self.request(live, status)
            self.assertEqual(len([line for line in self.said if "to the credential from" in line]), said)
        self.assertEqual(live.counts(), [("a.example", 443, True, {401: 5, 403: 1})])
        self.key.write_text(KEY[::-1])
        self.request(live, 403)
        self.assertIn("a.example answers 403 to the credential from ", self.said[-1])

    def test_an_entry_that_stays_in_the_file_keeps_its_counts_and_its_budget(self):
        entry = f"- {{host: a.example, header: x-api-key, value_file: {self.key}, requests_per_minute: 1}}\n"
        live = self.follow(entry)
        self.request(live, 401)
        self.file.write_text(entry + f"- {{host: b.example, header: x-api-key, value_file: {self.key}}}\n")
        with self.assertRaisesRegex(denied.Denied, "are used up"):
            self.request(live)
        self.assertEqual([rejections[401] for *_, rejections in live.counts()], [1, 0])

    def test_a_budget_holds_in_any_minute(self):
        budget = live_credentials.Budget(2)
        spent = []
        for now in (0, 10, 20, 59, 60, 61, 70, 71):
            wait = budget.wait(now)
            if not wait:
                budget.spend(now)
            spent.append(wait)
        self.assertEqual(spent, [0, 0, 40, 1, 0, 9, 0, 49])

    def test_values_never_get_into_the_log(self):
        self.follow()
        self.assertEqual(log_lines.printable(f"x {KEY} y"), "x " + "*" * len(KEY) + " y")
        self.assertNotIn(KEY[:20], log_lines.printable("x" * (log_lines.LONGEST - 25) + KEY))
        for number in range(20):
            log_lines.hide(f"{KEY}-{number}-longer")
            self.assertNotIn("longer", log_lines.printable(f"{KEY}-{number}-longer"))


if __name__ == "__main__":
    unittest.main()
