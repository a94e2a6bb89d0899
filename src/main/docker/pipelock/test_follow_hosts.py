"""Tests that pipelock follows the file of the allow-list while it runs, and what happens when a process dies."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
from unittest import mock

import support
from support import CurlResponse, Testbed, wait_until

sys.path.insert(0, str(support.DOCKER / "egress"))
import follow_hosts

real = unittest.skipUnless(support.REAL_PIPELOCK, "needs a real pipelock (PIPELOCK_BIN)")


class FollowHostsTest(unittest.TestCase):
    def setUp(self):
        self.testbed = Testbed()
        self.addCleanup(self.testbed.close)
        self.testbed.pipelock_yaml()
        self.directory = self.testbed.directory / "etc"
        self.directory.mkdir()
        self.file = self.directory / "allowed-hosts"
        self.file.write_text("nothing.example\n")
        self.host = f"localhost:{self.testbed.secure.port}"

    def start(self, **environ):
        environ = {"CLAUDE_BOTTLE_ALLOWED_HOSTS": "", "ALLOWED_HOSTS_FILE": str(self.file)} | environ
        self.pipelock = self.testbed.ready_pipelock(**environ)

    def members(self):
        """The processes of pipelock's session, without zombies: pairs of pid and command line."""
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                command = (entry / "cmdline").read_text()
            except OSError:
                continue
            if int(stat[3]) == self.pipelock.process.pid and stat[0] not in "ZX":
                found.append((int(entry.name), command))
        return found

    def pid(self, part):
        return next((pid for pid, command in self.members() if part in command), None)

    def follower(self):
        """Its pid, once it watches."""
        pid = wait_until(lambda: self.pid("follow_hosts.py"), "the follower")

        def watches():
            with contextlib.suppress(FileNotFoundError):
                return any("inotify" in os.readlink(fd) for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir())

        wait_until(watches, "it watches")
        return pid

    def status(self):
        return CurlResponse(self.testbed.pipelock_port, f"https://{self.host}/", "-k").code

    def reached(self):
        wait_until(lambda: self.status() == 200, f"the new host: {self.pipelock.text()}")

    def refused(self):
        wait_until(lambda: self.status() == 403, f"the host is gone: {self.pipelock.text()}")

    def test_a_host_comes_and_goes_and_pipelock_stays(self):
        self.start()
        for _ in range(2):
            self.file.write_text(f"{self.host}\n")
            self.reached()
            self.file.write_text("nothing.example\n")
            self.refused()
        self.assertIsNone(self.pipelock.process.poll())

    def test_a_change_while_pipelock_starts_is_not_lost(self):
        environ = {"CLAUDE_BOTTLE_ALLOWED_HOSTS": "", "ALLOWED_HOSTS_FILE": str(self.file)}
        self.pipelock = self.testbed.start_pipelock(**environ)
        wait_until(lambda: (self.testbed.pipelock_home / "pipelock.yaml").exists(), "the first configuration")
        self.file.write_text(f"{self.host}\n")
        self.pipelock.ready(self.testbed.pipelock_port)
        self.reached()

    def test_a_link_that_is_swapped_as_kubernetes_does_counts(self):
        for name, text in (("..1", "nothing.example\n"), ("..2", f"{self.host}\n")):
            (self.directory / name).mkdir()
            (self.directory / name / "allowed-hosts").write_text(text)
        self.file.unlink()
        (self.directory / "..data").symlink_to("..1")
        self.file.symlink_to("..data/allowed-hosts")
        self.start()
        self.follower()
        self.assertEqual(self.status(), 403)
        (self.directory / "..tmp").symlink_to("..2")
        os.replace(self.directory / "..tmp", self.directory / "..data")
        self.reached()

    def test_a_file_whose_links_are_elsewhere_is_followed_by_all_names(self):
        other = self.testbed.directory / "other"
        other.mkdir()
        (other / "list").write_text("nothing.example\n")
        self.file.unlink()
        self.file.symlink_to(other / "list")
        self.start()
        (other / "new").write_text(f"{self.host}\n")
        os.replace(other / "new", other / "list")
        self.reached()

    def test_what_another_name_of_the_same_file_is_given_counts(self):
        """As with a mounted file, whose other name is outside of the container."""
        outside = self.testbed.directory / "outside"
        os.link(self.file, outside)
        self.start()
        self.follower()
        outside.write_text(f"{self.host}\n")
        self.reached()

    def test_a_file_that_is_deleted_and_made_anew_counts(self):
        self.start()
        self.file.unlink()
        wait_until(lambda: self.pipelock.lines("keeps the old allow-list"), "the missing file is said")
        self.file.write_text(f"{self.host}\n")
        self.reached()

    def test_a_wrong_list_changes_nothing_and_is_said_once(self):
        self.file.write_text(f"{self.host}\n")
        self.start()
        for text in ("a b\n", "a b\n# more\n"):
            self.file.write_text(text)
            wait_until(lambda: self.pipelock.lines('"b" is not a mark'), "the refusal")
        self.file.write_text(f"{self.host}\nnew.example\n")
        rendered = self.testbed.pipelock_home / "pipelock.yaml"
        wait_until(lambda: "new.example" in rendered.read_text(), "the good list")
        self.assertEqual(len(self.pipelock.lines("keeps the old allow-list")), 1)
        self.reached()

    @real
    def test_a_ready_list_with_unscanned_hosts_is_taken_without_a_restart(self):
        self.start()
        self.file.write_text(f"@pypi\n{self.host}\n")
        self.reached()
        self.assertIsNone(self.pipelock.process.poll())
        self.assertEqual(self.pipelock.lines("rejected"), [])

    def test_a_host_with_a_new_passthrough_mark_ends_pipelock_and_the_next_start_does_not_scan_it(self):
        self.start()
        self.file.write_text(f"{self.host} passthrough\n")
        self.assertEqual(self.pipelock.exit_code(), 0, self.pipelock.text())
        self.assertTrue(self.pipelock.lines("pipelock restarts for a new mark"))
        wait_until(lambda: not self.members(), "the session is empty")
        self.start()
        url = f"https://{self.host}/"
        response = CurlResponse(self.testbed.pipelock_port, url, "--cacert", self.testbed.origin_ca)
        self.assertTrue(response.text.endswith("origin"), response.error)

    @real
    def test_a_host_that_loses_its_passthrough_mark_is_scanned_from_then_on(self):
        self.file.write_text(f"{self.host} passthrough\n")
        self.start()
        arguments = (self.testbed.pipelock_port, f"https://{self.host}/", "--cacert")
        self.assertTrue(CurlResponse(*arguments, self.testbed.origin_ca).text.endswith("origin"))
        self.file.write_text(f"{self.host}\n")
        own_ca = self.testbed.pipelock_home / "ca.pem"
        wait_until(lambda: CurlResponse(*arguments, own_ca).text.endswith("origin"), "interception")
        self.assertIn("certificate", CurlResponse(*arguments, self.testbed.origin_ca).error)

    def test_when_the_follower_dies_pipelock_ends_and_says_why(self):
        self.start()
        os.kill(self.follower(), signal.SIGKILL)
        self.assertEqual(self.pipelock.exit_code(), 0)
        self.assertTrue(self.pipelock.lines("has exited with code 137; pipelock ends"), self.pipelock.text())
        wait_until(lambda: not self.members(), "the session is empty")

    def test_when_the_shell_of_the_follower_dies_pipelock_ends_and_says_why(self):
        self.start()
        self.follower()
        os.kill(self.pid("pipelock-entrypoint.sh"), signal.SIGKILL)
        self.assertEqual(self.pipelock.exit_code(), 0)
        self.assertTrue(self.pipelock.lines("its parent has died"), self.pipelock.text())
        wait_until(lambda: not self.members(), "the session is empty")

    def test_when_pipelock_dies_nothing_is_left_of_it(self):
        for signal_number, code in ((signal.SIGKILL, -9), (signal.SIGTERM, 0)):
            self.start()
            self.follower()
            self.pipelock.process.send_signal(signal_number)
            self.assertEqual(self.pipelock.exit_code(), code)
            wait_until(lambda: not self.members(), "the session is empty")
            self.assertEqual(self.pipelock.lines("pipelock ends") + self.pipelock.lines("cannot follow"), [])

    def test_a_stop_of_all_processes_at_once_is_not_reported_as_a_death(self):
        self.start()
        self.follower()
        os.killpg(self.pipelock.process.pid, signal.SIGTERM)
        self.assertEqual(self.pipelock.exit_code(), 0)
        wait_until(lambda: not self.members(), "the session is empty")
        self.assertEqual(self.pipelock.lines("pipelock ends") + self.pipelock.lines("cannot follow"), [])

    @real
    def test_a_hup_to_all_processes_ends_none(self):
        self.start()
        follower = self.follower()
        os.killpg(self.pipelock.process.pid, signal.SIGHUP)
        wait_until(lambda: self.pipelock.lines("config_reload"), "pipelock reloads")
        self.assertEqual(self.follower(), follower)

    def test_with_the_variable_nothing_is_followed(self):
        self.start(CLAUDE_BOTTLE_ALLOWED_HOSTS=self.host)
        wait_until(lambda: len(self.members()) == 2, "pipelock is alone with the filter of its log")
        self.assertIsNone(self.pipelock.process.poll())

    def test_where_nothing_can_be_watched_pipelock_runs_and_the_log_says_so(self):
        broken = self.testbed.directory / "app"
        broken.mkdir()
        for name in ("follow_hosts.py", "pipelock_config.py"):
            text = (support.DOCKER / "pipelock" / name).read_text()
            (broken / name).write_text(text.replace("inotify_init1(", "inotify_init1(-"))  # flags that it refuses
        self.start(PIPELOCK_APP=str(broken))
        wait_until(
            lambda: self.pipelock.lines("count only after a restart: cannot watch its file: Invalid arg"), "a line"
        )
        wait_until(lambda: len(self.members()) == 2, "pipelock is alone with the filter of its log")
        self.assertEqual(self.status(), 403)


class ReplaceTest(unittest.TestCase):
    def setUp(self):
        home = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (home / "hosts").write_text("a.example\n")
        environ = {
            "ALLOWED_HOSTS_FILE": str(home / "hosts"),
            "PIPELOCK_HOME": str(home),
            "CLAUDE_BOTTLE_ALLOWED_HOSTS": "",
        }
        self.enterContext(mock.patch.dict(os.environ, environ))
        self.enterContext(mock.patch.multiple(follow_hosts, UNREAD=0.05, SPACING=0, TRIES=200))
        self.pipelock = subprocess.Popen(["sleep", "infinity"])
        self.addCleanup(self.pipelock.wait)
        self.addCleanup(self.pipelock.kill)
        self.follower = follow_hosts.Follower(self.pipelock.pid)
        self.file = home / "pipelock.yaml"
        self.file.write_text("old: 1\n")

    def identity(self):
        stat = self.file.stat()
        return stat.st_ino, stat.st_ctime_ns

    def test_the_configuration_is_replaced_until_pipelock_reads_it(self):
        def pipelock():
            for _ in range(3):
                before = self.identity()
                wait_until(lambda before=before: self.identity() != before, "a new file")
            self.read = self.file.read_text()

        thread = threading.Thread(target=pipelock, daemon=True)
        thread.start()
        self.assertTrue(self.follower._replace("api_allowlist: []\nold: 1\n"))
        thread.join()
        self.assertEqual(self.read, "api_allowlist: []\nold: 1\n")

    def test_a_pipelock_that_never_reads_it_is_an_error(self):
        with mock.patch.object(follow_hosts, "TRIES", 2), self.assertRaises(RuntimeError):
            self.follower._replace("api_allowlist: []\nold: 1\n")

    def test_the_end_of_pipelock_ends_the_wait(self):
        self.pipelock.kill()
        self.assertFalse(self.follower._replace("api_allowlist: []\nold: 1\n"))


class WatchTest(unittest.TestCase):
    def test_what_is_not_there_is_not_watched(self):
        with follow_hosts.Watch(follow_hosts.CHANGES, "/nonexistent", "/proc"):
            pass

    def test_all_directories_on_the_way_are_watched(self):
        root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())).resolve()
        (root / "a/..1").mkdir(parents=True)
        (root / "b").mkdir()
        (root / "b/file").touch()
        (root / "a/..data").symlink_to("..1")
        (root / "a/..1/x").symlink_to(root / "b/file")
        (root / "a/x").symlink_to("..data/x")
        expected = [str(root / "a"), str(root / "a"), str(root / "a/..1"), str(root / "b")]
        self.assertEqual(follow_hosts.directories(str(root / "a/x")), expected)
        self.assertEqual(follow_hosts.directories(str(root / "b/file")), [str(root / "b")])

    def test_a_circle_of_links_is_no_endless_loop(self):
        root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())).resolve()
        (root / "x").symlink_to("x")
        self.assertIn(str(root), follow_hosts.directories(str(root / "x")))


if __name__ == "__main__":
    unittest.main()
