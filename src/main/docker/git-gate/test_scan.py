"""Tests the loop over a push: equal parts are read once, nothing is missed, and the pusher sees how far it is."""

import fcntl
import random
import re
import shutil
import time
import unittest
from unittest import mock

import gitleaks
import pieces
import progress
from gate import APP, AWS_KEY, GITHUB_TOKEN, GITLEAKS, MISSING, PRIVATE_KEY, RULES, Sandbox, SharedGateTest
from gitleaks import Gitleaks
from pieces import Pieces
from support import LIMIT, wait_until


def prose(lines, seed):
    words = "the quick brown fox jumps over a lazy dog while some other animals sleep".split()
    pick = random.Random(seed)
    return "".join(" ".join(pick.choices(words, k=9)) + "\n" for _ in range(lines)).encode()


class PiecesTest(unittest.TestCase):
    def pieces(self, *texts):
        new = Pieces()
        return [[piece for piece, _ in new.new(text)] for text in texts]

    def test_every_2000_bytes_of_a_text_lie_in_one_piece(self):
        text = prose(3_000, 1)
        (found,) = self.pieces(text)
        for at in range(0, len(text) - 2_000, 777):
            self.assertTrue(any(text[at : at + 2_000] in piece for piece in found), at)

    def test_a_key_of_16000_bytes_lies_in_one_piece(self):
        head, *lines, foot = PRIVATE_KEY.splitlines()
        key = "\n".join((head, *lines * 28, foot, "")).encode()
        for before in range(0, 500, 50):
            (found,) = self.pieces(prose(before, 1) + key.lower() + prose(500, 2))
            self.assertTrue(any(key.lower() in piece for piece in found), before)

    def test_of_a_new_version_of_a_text_only_what_is_near_the_change_is_read(self):
        text = prose(5_000, 1)
        changed = text[:150_000] + b"a change\n" + text[150_000:]
        first, second, third = self.pieces(text, changed, text)
        self.assertGreaterEqual(sum(map(len, first)), len(text))
        self.assertLess(sum(map(len, second)), 12_000)
        self.assertIn(b"a change", second[0])
        self.assertEqual([], third)

    def test_when_it_has_seen_too_much_it_forgets_and_reads_again(self):
        with mock.patch.object(pieces, "MAX_SEEN", 10):
            text = prose(1_000, 1)
            _, second = self.pieces(text, text)
        self.assertGreaterEqual(sum(map(len, second)), len(text))

    def test_lines_and_chunks_are_those_of_the_text(self):
        text = prose(1_000, 1) + b"\n\n\r\n" + b"x" * 300_000 + b"\nlast"
        for _, line, start, until in Pieces().chunks(text):
            self.assertEqual(text.count(b"\n", 0, start), line)
            self.assertTrue(start == 0 or text[start - 1 : start] == b"\n")
            self.assertLessEqual(until, len(text))
        self.assertEqual(len(text), until)


@unittest.skipIf(MISSING, f"needs {MISSING}")
class GitleaksTest(unittest.TestCase):
    def setUp(self):
        self.enterContext(mock.patch.object(gitleaks, "GITLEAKS", GITLEAKS))
        self.enterContext(mock.patch.object(gitleaks, "CONFIG", str(APP / "gitleaks.toml")))

    def scan(self, texts, processes):
        with Gitleaks() as scanner:
            scanner.limit = processes
            for place, text in enumerate(texts):
                scanner.feed(place, text)
            count = len(scanner.processes)
            return sorted((finding.text, finding.line, finding.rule) for finding in scanner.finish()), count

    def test_several_processes_find_what_one_finds(self):
        secret = f"\nkey={AWS_KEY}\n".encode()
        texts = [prose(150, number) + secret * (number % 7 == 0) for number in range(300)]
        expected = [(number, 151, RULES[AWS_KEY]) for number in range(0, 300, 7)]
        self.assertEqual((expected, 3), self.scan(texts, 3))
        self.assertEqual((expected, 1), self.scan(texts, 1))

    def test_a_process_is_replaced_after_a_while_and_nothing_is_lost(self):
        texts = [prose(150, number) + f"key={AWS_KEY}\n".encode() for number in range(40)]
        with mock.patch.object(gitleaks, "MAX_FED", 100_000):
            found, _ = self.scan(texts, 2)
        self.assertEqual([(number, 150, RULES[AWS_KEY]) for number in range(40)], found)

    def test_one_process_that_dies_fails_the_scan(self):
        with Gitleaks() as scanner:
            scanner.limit = 2
            for number in range(300):
                scanner.feed(number, prose(150, number))
            self.assertEqual(2, len(scanner.processes))
            scanner.processes[0].process.kill()
            with self.assertRaisesRegex(gitleaks.ScanError, "gitleaks ended with -9"):
                scanner.finish()

    def test_too_many_findings_fail_the_scan(self):
        with (
            mock.patch.object(gitleaks, "MAX_FINDINGS", 10),
            self.assertRaisesRegex(gitleaks.ScanError, "more than 10"),
        ):
            self.scan([f"{AWS_KEY}\n".encode()] * 11, 1)


class ProgressTest(unittest.TestCase):
    def lines(self, times):
        """What is printed when the scan makes steps at these times."""
        now = [0]
        with (
            mock.patch.object(progress.time, "monotonic", lambda: now[0]),
            mock.patch.object(progress.signal, "setitimer"),
            mock.patch("builtins.print") as output,
        ):
            steps = progress.Progress(100)
            for step in times:
                now[0] = step
                steps(f"step at {step}")
            return [call.args[0] for call in output.call_args_list]

    def test_a_short_scan_says_nothing_and_a_long_one_a_line_every_few_seconds(self):
        self.assertEqual([], self.lines([0, 1, 1.9]))
        self.assertEqual(
            [f"git-gate: step at {step}" for step in (2, 5, 8)], self.lines([0, 1, 2, 3, 4, 5, 6, 7.9, 8, 9])
        )

    def test_a_scan_without_progress_ends(self):
        with (
            mock.patch.object(progress, "STALL_SECONDS", 0.05),
            self.assertRaisesRegex(progress.ScanTimeout, "no progress"),
            progress.time_limit(LIMIT),
        ):
            time.sleep(LIMIT)

    def test_a_scan_with_progress_ends_at_its_limit(self):
        with self.assertRaisesRegex(progress.ScanTimeout, "timed out after 0.2 s"), progress.time_limit(0.2) as step:
            while True:
                step("on it")


class PushTest(SharedGateTest):
    def test_a_secret_is_named_in_every_file_with_the_same_content(self):
        text = prose(400, 1) + f"key={AWS_KEY}\n".encode() + prose(400, 2)
        self.clone.commit({"a": text, "b": text + b"more\n", "c": b"one\n" * 5 + text})
        push = self.clone.push(f"HEAD:{self.branch}")
        self.assertIn("push refused: 3 secrets found", push.stderr)
        for place in ("a line 401", "b line 401", "c line 406"):
            self.assertIn(f"{RULES[AWS_KEY]} in {place},", push.stderr)

    def test_a_secret_in_many_versions_is_reported_with_the_commit_that_brought_it(self):
        text = prose(400, 1)
        self.clone.commit({"a": text})
        commit = self.clone.commit({"a": text + f"key={AWS_KEY}\n".encode() + prose(200, 2)})
        for number in range(5):
            lines = prose(1, number) + text + f"key={AWS_KEY}\n".encode() + prose(200, 2)
            self.clone.commit({"a": lines, "b": str(number)})
        push = self.clone.push(f"HEAD:{self.branch}")
        self.assertIn(f"{RULES[AWS_KEY]} in a line 401, commit {commit[:7]}", push.stderr)
        self.assertIn("push refused: 1 secret found", push.stderr)

    def commit_in_turn(self, *versions):
        """Commits the versions one after another, and then the first again: the scan meets it first."""
        for files in (*versions, versions[0]):
            self.clone.commit(files)

    def test_a_secret_of_which_a_part_was_read_before_is_refused(self):
        text, half = prose(900, 1), len(GITHUB_TOKEN) // 2
        versions = [
            {"a": text + f"token = {token}\n".encode() + prose(90, 2)} for token in (GITHUB_TOKEN[:half], GITHUB_TOKEN)
        ]
        self.commit_in_turn(*versions)
        self.assertIn(f"{RULES[GITHUB_TOKEN]} in a line 901", self.clone.push(f"HEAD:{self.branch}").stderr)

    def test_a_long_key_of_which_all_but_the_begin_or_end_was_read_before_is_refused(self):
        head, *lines, foot = PRIVATE_KEY.splitlines()
        body = "\n".join(f"{number:04}{line}" for number, line in enumerate(lines * 20)) + "\n"
        before = prose(90, 1).decode()
        self.commit_in_turn(
            {"a": f"{before}{body}{foot}\n", "b": f"{head}\n{body}"},
            {"a": f"{before}{head}\n{body}{foot}\n", "b": f"{head}\n{body}{foot}\n"},
        )
        push = self.clone.push(f"HEAD:{self.branch}")
        self.assertIn("private-key in a line 91", push.stderr)
        self.assertIn("private-key in b line 1", push.stderr)

    def test_a_push_that_waits_for_the_scan_of_another_says_so_and_a_quick_one_nothing(self):
        self.clone.commit({"x": "y"})
        quick = self.clone.push(f"HEAD:{self.branch}", check=True)
        self.assertNotIn("git-gate", quick.stderr)
        self.clone.commit({"x": "z"})
        output = self.sandbox.directory / "waiting"
        with (self.sandbox.repo / "git-gate.scan.lock").open("w") as lock, output.open("w") as stderr:
            fcntl.flock(lock, fcntl.LOCK_EX)
            push = self.clone.start_push(f"HEAD:{self.branch}", stderr=stderr)
            wait_until(lambda: "git-gate: waiting: another push" in output.read_text(), "the pusher is told")
            fcntl.flock(lock, fcntl.LOCK_UN)
            self.assertEqual(0, push.wait(LIMIT))
        self.assertNotIn("waiting", self.sandbox.log())

    def test_the_pusher_sees_the_progress_and_the_log_does_not(self):
        sandbox = Sandbox(self)
        sandbox.seed()
        app = sandbox.directory / "app"
        shutil.copytree(APP, app)
        source = (app / "progress.py").read_text()
        impatient = re.sub("^(SILENT|LINE)_SECONDS = [0-9]+", r"\1_SECONDS = 0", source, flags=re.MULTILINE)
        self.assertNotEqual(source, impatient)
        (app / "progress.py").write_text(impatient)
        sandbox.gate_environment["GIT_GATE_APP"] = str(app)
        sandbox.start()
        clone = sandbox.clone()
        clone.commit({f"{number}": f"{number}" for number in range(10)})
        push = clone.push("HEAD:trunk", check=True)
        self.assertIn("remote: git-gate: scanned 12 of 12 objects", push.stderr)  # a commit, a tree, the files
        self.assertNotIn("scanned", sandbox.log())


if __name__ == "__main__":
    unittest.main()
