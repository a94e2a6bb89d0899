"""Tests that egress follows the file of the allow-list while it runs, alone and with pipelock behind it."""

import http.client
import os
import pathlib
import ssl
import tempfile
import unittest
from unittest import mock

import live_file
import live_hosts
import support
from support import HEALTH, CurlResponse, Testbed, free_port, wait_until


class LiveHostsTest(unittest.TestCase):
    def setUp(self):
        self.file = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "hosts"
        self.said = []
        self.age = self.enterContext(mock.patch.object(live_file.time, "time", return_value=1e12))  # every file is old

    def follow(self, text):
        self.file.write_text(text)
        return live_hosts.LiveHosts({"ALLOWED_HOSTS_FILE": str(self.file)}, self.said.append)

    def test_a_file_that_did_not_change_is_not_read_again(self):
        live = self.follow("a.example\n")
        with mock.patch.object(live_hosts.allowed_hosts, "read", side_effect=AssertionError):
            self.assertEqual(live.current().patterns, ["a.example"])

    def test_a_file_of_less_than_a_second_is_read_again_whatever_its_stamp(self):
        for age, expected in ((0.5, "b.example"), (5, "a.example")):
            with mock.patch.object(live_file, "_stamp", return_value=("same", age)):
                live = self.follow("a.example\n")
                self.file.write_text("b.example\n")
                self.assertEqual(live.current().patterns, [expected], age)

    def test_a_wrong_list_is_said_once_and_the_old_one_stays_until_a_good_one_comes(self):
        live = self.follow("a.example\n")
        self.file.write_text("a b\nc d\n")
        for _ in range(3):
            self.assertEqual(live.current().patterns, ["a.example"])
        self.assertEqual(len(self.said), 1, self.said)
        self.assertIn("the old list stays in force: ", self.said[0])
        self.file.write_text("c.example\n")
        self.assertEqual(live.current().patterns, ["c.example"])
        self.assertIn("has changed: 1 hosts are allowed now", self.said[1])
        self.file.unlink()
        self.assertEqual(live.current().patterns, ["c.example"])
        self.assertIn("No such file", self.said[2])

    def test_a_list_in_the_middle_of_being_written_is_not_complained_about(self):
        live = self.follow("a.example\n")
        self.file.write_text("")
        self.age.return_value = self.file.stat().st_ctime + 0.1
        self.assertEqual(live.current().patterns, ["a.example"])
        self.assertEqual(self.said, [])
        self.age.return_value += 5
        live.current()
        self.assertIn("names no host", self.said[0])

    def test_without_any_valid_list_there_is_none_until_one_comes(self):
        live = self.follow("")
        self.assertIsNone(live.current())
        self.assertIn("no allow-list, so every request is refused", self.said[0])
        self.file.write_text("a.example\n")
        self.assertEqual(live.current().patterns, ["a.example"])

    def test_the_variable_needs_no_file(self):
        live = live_hosts.LiveHosts({"CLAUDE_BOTTLE_ALLOWED_HOSTS": "a.example"}, self.said.append)
        with mock.patch.object(live_file.os, "stat", side_effect=AssertionError):
            self.assertEqual(live.current().patterns, ["a.example"])


class LiveChainTest(unittest.TestCase):
    """agent -> egress -> pipelock -> origin; the list is a file, and nothing starts anew."""

    @classmethod
    def setUpClass(cls):
        cls.testbed = Testbed()
        cls.addClassCleanup(cls.testbed.close)
        cls.testbed.pipelock_yaml()
        cls.port = free_port()
        cls.url = f"https://localhost:{cls.testbed.secure.port}/"
        cls.host = f"localhost:{cls.testbed.secure.port}"
        cls.file = cls.testbed.directory / "etc/allowed-hosts"
        cls.file.parent.mkdir()
        cls.file.write_text("nothing.example\n")
        environ = {"CLAUDE_BOTTLE_ALLOWED_HOSTS": "", "ALLOWED_HOSTS_FILE": str(cls.file)}
        cls.pipelock = cls.testbed.ready_pipelock(**environ)
        cls.egress = cls.testbed.healthy_egress(cls.port, **environ)

    def setUp(self):
        self.write("nothing.example\n")
        wait_until(lambda: CurlResponse(self.testbed.pipelock_port, self.url).code == 403, "pipelock refuses the host")

    def tearDown(self):
        self.assertIsNone(self.pipelock.process.poll(), self.pipelock.text())
        self.assertIsNone(self.egress.process.poll(), self.egress.text())

    def rendered(self):
        return (self.testbed.pipelock_home / "pipelock.yaml").read_text()

    def write(self, text):
        self.file.write_text(text)

    def replace(self, text):
        new = self.file.with_name("new")
        new.write_text(text)
        os.replace(new, self.file)

    def status(self, url=None):
        return CurlResponse(self.port, url or self.url, "-k").code

    def reached(self):
        wait_until(lambda: self.status() == 200, f"the new host: {self.egress.text()}{self.pipelock.text()}")

    def test_a_host_that_is_added_is_reached(self):
        self.assertEqual(self.status(), 403)
        self.write(f"nothing.example\n{self.host}\n")
        self.reached()

    def test_a_host_that_is_removed_is_refused_at_once_on_open_connections_too(self):
        self.write(f"{self.host}\n")
        self.reached()
        # Given: a tunnel with one request done
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        tunnel = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=support.LIMIT, context=context)
        self.addCleanup(tunnel.close)
        tunnel.set_tunnel("localhost", self.testbed.secure.port)
        tunnel.request("GET", "/", headers={"Host": self.host})
        self.assertEqual(tunnel.getresponse().read(), b"origin")
        # When
        self.write("nothing.example\n")
        # Then
        tunnel.request("GET", "/", headers={"Host": self.host})
        self.assertEqual(tunnel.getresponse().status, 403)
        self.assertEqual(self.status(), 403)
        self.assertTrue(self.egress.lines(f"denied CONNECT {self.host}"))

    def test_a_file_that_is_replaced_by_rename_counts(self):
        self.replace(f"{self.host}\n")
        self.reached()
        self.replace(f"{self.host}\n# again\nother.example\n")
        wait_until(lambda: "other.example" in self.rendered(), "pipelock's configuration")

    def test_a_wrong_list_is_refused_whole_and_said_once_while_the_old_one_and_the_health_stay(self):
        self.write(f"{self.host}\n")
        self.reached()
        self.write("nothing.example\nno host\nbad.example mark\n")
        said = wait_until(lambda: self.pipelock.lines("pipelock keeps the old allow-list"), "a line of pipelock")
        wait_until(
            lambda: self.status() == 200 and self.egress.lines("the old list stays in force"), "a line of egress"
        )
        self.assertEqual((self.status(), CurlResponse(self.port, HEALTH).code), (200, 200))
        for line in (said[-1], self.egress.lines("the old list stays in force")[-1]):
            self.assertIn(f"{self.file}:2: ", line)
            self.assertIn(f"{self.file}:3: ", line)
        self.write(f"{self.host}\nnew.example\n")
        wait_until(lambda: "new.example" in self.rendered(), "pipelock's configuration")
        self.assertEqual(len(self.pipelock.lines("pipelock keeps the old allow-list")), 1)
        self.assertEqual(len(self.egress.lines("the old list stays in force")), 1)

    def test_the_refusal_names_the_file_only(self):
        response = CurlResponse(self.port, "http://example.org/")
        self.assertIn(f"the operator can add it to {self.file}, which counts within seconds", response.text)
        self.assertNotIn("CLAUDE_BOTTLE_ALLOWED_HOSTS", response.text)


if __name__ == "__main__":
    unittest.main()
