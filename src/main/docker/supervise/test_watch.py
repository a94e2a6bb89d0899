"""Tests `approvals --watch`, with a terminal and without one."""

import os
import pty
import re
import signal
import subprocess
import sys
import threading
import unittest

import test_supervise
from support import LIMIT, free_port, wait_until
from test_supervise import HOME, Supervise, ask, find, send

shared = None


def setUpModule():
    test_supervise.require_mcp()
    global shared
    shared = Supervise().ready()
    unittest.addModuleCleanup(shared.close)


class Watch:
    """approvals --watch; output() is all that it has written."""

    def __init__(self, test, supervise=None, tty=False, **variables):
        environment = {
            **(supervise or shared).environment,
            "COLUMNS": "80",
            "LINES": "24",
            "TERM": "xterm",
            **variables,
        }
        read, write = pty.openpty() if tty else os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, HOME / "approvals", "--watch"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=write,
            stderr=subprocess.STDOUT,
        )
        os.close(write)
        self._read, self._output = read, b""
        self._reader = threading.Thread(target=self._collect)
        self._reader.start()
        test.addCleanup(self._close)

    def _collect(self):
        try:
            while data := os.read(self._read, 65536):
                self._output += data
        except OSError:
            pass  # a terminal whose other end is closed

    def _close(self):
        self.process.kill()
        self.end()
        os.close(self._read)

    def end(self):
        code = self.process.wait(LIMIT)
        self._reader.join(LIMIT)
        return code

    def output(self):
        return self._output.decode()

    def shows(self, text):
        return wait_until(lambda: text in self.output() and self.output(), f"it shows {text!r}: {self.output()!r}")


def pending(test, action, supervise=None):
    supervise = supervise or shared
    connection = ask(test, supervise, action)
    return supervise.waiting(action)["id"], connection


class WatchTest(unittest.TestCase):
    def test_it_shows_what_waits_and_each_change_until_ctrl_c(self):
        for tty in (True, False):
            with self.subTest(tty=tty):
                # Given
                before, _ = pending(self, f"before {tty}")
                watch = Watch(self, tty=tty)
                watch.shows(f"before {tty}")
                # When / Then
                during, connection = pending(self, f"during {tty}")
                watch.shows(f"during {tty}")
                shared.post(f"/approvals/{before}/approve", {"comment": f"as you wish {tty}"})
                watch.shows(f"comment: as you wish {tty}")
                connection.close()
                wait_until(
                    lambda during=during, watch=watch: re.search(f"{during}  withdrawn", watch.output()), "withdrawn"
                )
                # When
                watch.process.send_signal(signal.SIGINT)
                # Then
                self.assertEqual(0, watch.end(), watch.output())

    def test_without_a_terminal_it_writes_plain_lines_and_each_request_once_per_state(self):
        # Given
        watch = Watch(self)
        watch.shows("REQUEST")
        request_id, _ = pending(self, "plain")
        watch.shows("plain")
        other, _ = pending(self, "other")
        watch.shows("other")
        # When
        shared.post(f"/approvals/{request_id}/deny")
        output = watch.shows(f"{request_id}  denied")
        # Then
        self.assertTrue(all(char.isprintable() for char in output.replace("\n", "")))
        self.assertEqual(1, len(re.findall(f"(?m)^{request_id}  WAITING", output)))
        self.assertEqual(1, len(re.findall(f"(?m)^{other}  ", output)))

    def test_the_bell_rings_for_a_new_request_only_and_not_without_end(self):
        # Given
        pending(self, "there before the watch")
        watch = Watch(self, tty=True)
        self.assertNotIn("\a", watch.shows("there before"))
        # When: an agent that asks without end
        for number in range(10):
            _, connection = pending(self, f"ring {number}")
            watch.shows(f"ring {number}")
            connection.close()
        # Then
        self.assertIn(watch.output().count("\a"), range(1, 4))
        self.assertLess(watch.output().index("\a"), watch.output().index("ring 1"))

    def test_the_agents_text_cannot_control_the_terminal(self):
        # Given
        watch = Watch(self, tty=True)
        # When
        ask(self, shared, "evil\x1b[2J\a\u202e", "r\x1b]0;x\a")
        # Then
        output = watch.shows("evil\\x1b[2J\\x07\\u202e")
        own = re.sub("\x1b\\[[HJK]|\r?\n|\a", "", output)
        self.assertTrue(own.isprintable(), repr(own))

    def test_more_than_fits_is_cut_at_the_height_of_the_terminal(self):
        # Given
        for number in range(8):
            pending(self, f"tall {number}")
        # When
        watch = Watch(self, tty=True, LINES="10")
        # Then
        output = watch.shows("more lines: see approvals")
        frame = output[output.rindex("\x1b[H") :]
        self.assertLess(frame.count("\n"), 10)

    def test_it_goes_on_after_a_restart_of_supervise(self):
        # Given
        first = Supervise().ready()
        self.addCleanup(first.close)
        watch = Watch(self, first)
        watch.shows("REQUEST")
        # When
        first.process.kill()
        watch.shows("supervise does not answer; trying again")
        again = Supervise(ports=(first.mcp, first.operator))
        self.addCleanup(again.close)
        again.ready()
        pending(self, "after the restart", again)
        # Then
        watch.shows("after the restart")
        self.assertEqual(1, watch.output().count("trying again"))

    def test_it_ends_when_nobody_reads_its_output(self):
        # Given
        watch = subprocess.Popen(
            [sys.executable, HOME / "approvals", "--watch"],
            env=shared.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.addCleanup(watch.stderr.close)
        self.addCleanup(watch.kill)
        watch.stdout.readline()
        # When
        watch.stdout.close()
        pending(self, "unread")
        # Then
        self.assertEqual((0, b""), (watch.wait(LIMIT), watch.stderr.read()))

    def test_a_failure_at_the_start_is_reported_and_a_command_besides_is_refused(self):
        failed = shared.approvals("--watch", SUPERVISE_OPERATOR_PORT=str(free_port()))
        self.assertEqual(1, failed.returncode)
        self.assertIn("cannot watch the requests: supervise does not answer", failed.stderr)
        self.assertEqual(2, shared.approvals("--watch", "deny", "abc").returncode)

    def test_the_list_says_when_no_agent_waits(self):
        # Given: an agent that has not waited for two minutes
        module = {"__name__": "approvals"}
        exec(compile((HOME / "approvals").read_text(), "approvals", "exec"), module)
        pending(self, "abandoned")
        request = {**find(shared.requests(), "abandoned"), "agentWaits": False}
        # When / Then
        self.assertNotIn("no agent", "".join(module["rows"](request)))
        request["agentLastWaitedAt"] = "2026-01-01T00:00:00Z"
        self.assertRegex("".join(module["rows"](request)), "no agent has waited for it for [0-9]+ h")


class LongPollTest(unittest.TestCase):
    def test_it_is_answered_at_once_by_a_change_and_by_a_wrong_version(self):
        # Given
        version = shared.listing()["version"]
        self.assertEqual(200, send(shared.operator, "GET", "/approvals?after=another")[0])
        answers = []
        poll = threading.Thread(
            target=lambda: answers.append(send(shared.operator, "GET", f"/approvals?after={version}"))
        )
        poll.start()
        # When
        pending(self, "changes it")
        # Then
        poll.join(LIMIT)
        self.assertIn("changes it", answers[0][1])


if __name__ == "__main__":
    unittest.main()
