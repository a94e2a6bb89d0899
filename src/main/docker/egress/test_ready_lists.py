"""Tests the allow-list as a whole: all its mistakes, marks that contradict each other, and the ready lists."""

import pathlib
import tempfile
import unittest
from unittest import mock

import allowed_hosts
import support


class WholeListTest(unittest.TestCase):
    def setUp(self):
        self.file = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "hosts"

    def read(self, text):
        self.file.write_text(text)
        return allowed_hosts.read({"ALLOWED_HOSTS_FILE": str(self.file)})

    def refusal(self, text):
        with self.assertRaises(allowed_hosts.InvalidHosts) as caught:
            self.read(text)
        return str(caught.exception)

    def test_every_mistake_is_named_with_its_line_on_one_line(self):
        error = self.refusal("good.example\nno host\n\na.example htp\n@nothing\n@pypi http\n")
        for part in (
            ':2: "host" is not a mark',
            ':4: "htp" is not a mark',
            ':5: "@nothing" is not',
            ":6: @pypi takes no marks",
        ):
            self.assertIn(f"{self.file}{part}", error)
        self.assertNotIn("\n", error)
        self.assertNotIn("good", error)

    def test_a_passthrough_that_would_cover_a_scanned_host_is_refused(self):
        error = self.refusal("api.example.com\n*.example.com passthrough\n")
        self.assertIn(f"{self.file}:1: api.example.com must have the mark passthrough, too", error)
        self.assertIn(f"{self.file}:2: *.example.com passthrough", error)
        self.assertIn("a.example must", self.refusal("a.example\na.example:8443 passthrough\n"))
        self.assertIn("*.a.example must", self.refusal("*.a.example\n*.example passthrough\n"))

    def test_line_ends_and_the_byte_order_mark_of_other_systems_do_no_harm(self):
        self.assertEqual(self.read("\ufeffa.example\r\nb.example\r\n").patterns, ["a.example", "b.example"])

    def test_a_passthrough_beside_scanned_hosts_is_no_contradiction(self):
        hosts = self.read("*.example.com\napi.example.com passthrough\nexample.org\n*.example.org passthrough\n")
        self.assertEqual(hosts.passthrough, ["api.example.com", "*.example.org"])

    def test_the_ready_list_of_a_name_counts_beside_other_entries(self):
        for hosts in (
            self.read("@pypi # packages\na.example\n"),
            allowed_hosts.read({allowed_hosts.VARIABLE: "a.example,@pypi"}),
        ):
            self.assertTrue(hosts.allows("https", "pypi.org", 443) and hosts.allows("https", "a.example", 443))
            self.assertEqual(hosts.passthrough, ["pypi.org", "files.pythonhosted.org"])

    def test_an_unknown_ready_list_is_refused_with_the_known_ones(self):
        known = "@anthropic, @crates, @debian, @github, @go, @maven, @npm, @pypi"
        for wrong in ("@nothing", "@", "@Pypi", "@../lists/pypi", "@pypi:443", "@."):
            self.assertIn(f"is not a ready list; expected one of {known}", self.refusal(wrong), wrong)

    def test_an_entry_of_ones_own_decides_whether_a_host_of_a_ready_list_is_scanned(self):
        self.assertNotIn("github.com", self.read("@github\ngithub.com\n").passthrough)
        self.assertIn("api.github.com", self.read("api.github.com passthrough\n@github\n").passthrough)
        self.assertTrue(self.read("@pypi\npypi.org:8443\n").allows("https", "pypi.org", 443))

    def test_a_ready_list_may_not_name_another(self):
        (self.file.parent / "outer").write_text("@inner\n")
        with mock.patch.object(allowed_hosts, "READY_LISTS", self.file.parent):
            self.assertIn('@outer:1: "@inner" is not a host', self.refusal("@outer"))

    def test_the_refusal_names_what_counts(self):
        self.assertEqual(self.read("a.example").source, str(self.file))
        self.assertEqual(allowed_hosts.read({allowed_hosts.VARIABLE: "a.example"}).source, allowed_hosts.VARIABLE)


class ReadyListsTest(unittest.TestCase):
    def test_the_list_of_the_image_is_valid(self):
        hosts = allowed_hosts.read({"ALLOWED_HOSTS_FILE": str(support.DOCKER / "allowed-hosts")})
        self.assertIn("api.anthropic.com", hosts.passthrough)

    def test_every_ready_list_is_valid_alone_and_beside_all_others(self):
        names = [f"@{name}" for name in allowed_hosts.ready_list_names()]
        for text in (*names, ",".join(names)):
            allowed_hosts.read({allowed_hosts.VARIABLE: text})

    def test_no_ready_list_has_a_wildcard(self):
        for name in allowed_hosts.ready_list_names():
            for entry in allowed_hosts.ready_list(name):
                self.assertNotIn("*", entry.pattern, entry.where)

    def test_no_ready_list_opens_a_host_to_which_anybody_can_upload_without_saying_so(self):
        everything = allowed_hosts.read(
            {allowed_hosts.VARIABLE: ",".join(f"@{n}" for n in allowed_hosts.ready_list_names())}
        )
        for name in (
            "gist.github.com",
            "uploads.github.com",
            "x.github.io",
            "storage.googleapis.com",
            "upload.pypi.org",
            "crates.io",
            "x.githubusercontent.com",
        ):
            self.assertFalse(everything.allows("https", name, 443), name)

    def test_only_debian_has_plain_http(self):
        for name in allowed_hosts.ready_list_names():
            for entry in allowed_hosts.ready_list(name):
                self.assertEqual("http" in entry.marks, name == "debian", entry.where)


if __name__ == "__main__":
    unittest.main()
