"""Tests the rules of requests, and the file that keeps them, without a server."""

import asyncio
import contextlib
import io
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

HOME = Path(__file__).resolve().parent
sys.path.insert(0, str(HOME))

from supervise.approvals import MAX_BURST, Approvals, Outcome, Refused  # noqa: E402
from supervise.store import Store  # noqa: E402


class Fixture(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.home = self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.home)
        self.file = self.directory / "requests.sqlite"
        logging.getLogger("asyncio").setLevel(logging.ERROR)  # no word about slow machines
        self.log = self.enterContext(contextlib.redirect_stdout(io.StringIO()))

    def start(self, directory=None):
        self.store = Store(directory or self.directory)
        self.addCleanup(self.store.close)
        return Approvals(self.store)

    def restart(self, approvals):
        approvals.stop()
        self.store.close()
        return self.start()

    def lines(self):
        return self.log.getvalue().splitlines()


class RulesTest(Fixture):
    async def test_only_the_last_of_two_callers_withdraws_their_request(self):
        # Given
        approvals = self.start()
        request = approvals.ask("both", "r", 60)
        first, second = approvals.waiting(request), approvals.waiting(approvals.ask("both", "r", 60))
        first.__enter__()
        second.__enter__()
        # When / Then
        gone = ConnectionError()
        first.__exit__(ConnectionError, gone, None)
        self.assertIsNone(request.outcome)
        second.__exit__(ConnectionError, gone, None)
        self.assertEqual(Outcome.WITHDRAWN, request.outcome)

    async def test_a_caller_that_goes_away_at_the_stop_withdraws_nothing(self):
        # Given
        approvals = self.start()
        request = approvals.ask("stopping", "r", 60)
        # When
        with contextlib.suppress(ConnectionError), approvals.waiting(request):
            approvals.stop()
            raise ConnectionError
        # Then
        self.assertIsNone(request.outcome)
        with self.assertRaisesRegex(Refused, "stopping"):
            approvals.ask("another", "r", 60)

    async def test_an_agent_that_asks_and_withdraws_without_end_is_refused(self):
        # Given
        approvals = self.start()
        # When / Then
        with mock.patch("time.monotonic", return_value=time.monotonic()) as clock:
            for number in range(MAX_BURST):
                approvals.end(approvals.ask(str(number), "r", 60), Outcome.WITHDRAWN)
            with self.assertRaisesRegex(Refused, "too many"):
                approvals.ask("one more", "r", 60)
            clock.return_value += 1
            approvals.ask("later", "r", 60)
            with self.assertRaisesRegex(Refused, "too many"):
                approvals.ask("one more", "r", 60)

    async def test_each_change_has_a_new_version_and_wakes_who_waits_for_one(self):
        # Given
        approvals = self.start()
        seen = {approvals.version}
        request = approvals.ask("change", "r", 60)
        waiting = approvals.waiting(request)
        # When / Then
        for step in (waiting.__enter__, lambda: approvals.end(request, Outcome.DENIED), approvals.stop):
            self.assertNotIn(approvals.version, seen)
            seen.add(approvals.version)
            change = asyncio.ensure_future(approvals.change_after(approvals.version))
            await asyncio.sleep(0)
            self.assertFalse(change.done())
            step()
            await change
        self.assertNotIn(self.restart(approvals).version, seen)


class RestartTest(Fixture):
    async def test_requests_survive_a_restart_with_all_that_belongs_to_them(self):
        # Given
        approvals = self.start()
        pending = approvals.ask("p\x1b", "why", 60)
        for outcome in (Outcome.APPROVED, Outcome.DENIED, Outcome.WITHDRAWN):
            approvals.end(approvals.ask(outcome, "r", 60), outcome, "so be it\n")
        before = [request.as_json() for request in (*approvals.pending(), *approvals.recently_ended())]
        # When
        approvals = self.restart(approvals)
        # Then
        self.assertEqual(before, [request.as_json() for request in (*approvals.pending(), *approvals.recently_ended())])
        self.assertIs(approvals.find(pending.id), approvals.ask("p\x1b", "why", 60))
        approvals.end(approvals.find(pending.id), Outcome.APPROVED)
        self.assertEqual(Outcome.APPROVED, self.restart(approvals).find(pending.id).outcome)

    async def test_requests_survive_a_kill(self):
        # Given
        program = """
import asyncio, os, pathlib, sys
from supervise.approvals import Approvals, Store

async def main():
    approvals = Approvals(Store(pathlib.Path(sys.argv[1])))
    approvals.ask("survives", "r", 600)
    os.kill(os.getpid(), 9)

asyncio.run(main())
"""
        # When
        subprocess.run(
            [sys.executable, "-B", "-c", program, self.directory], cwd=HOME, stdout=subprocess.DEVNULL, check=False
        )
        # Then
        self.assertEqual(["survives"], [request.action for request in self.start().pending()])

    async def test_a_request_times_out_at_its_time_even_if_that_passed_during_the_restart(self):
        # Given
        approvals = self.start()
        approvals.ask("short", "r", 60)
        approvals.ask("long", "r", 6000)
        # When
        with mock.patch("time.time", return_value=time.time() + 100):
            approvals = self.restart(approvals)
            short = next(request for request in approvals.pending() if request.action == "short")
            await short.wake.wait()
        # Then
        self.assertEqual(Outcome.TIMED_OUT, short.outcome)
        self.assertEqual(["long"], [request.action for request in approvals.pending()])

    async def test_ended_requests_are_forgotten_after_a_day_in_memory_and_in_the_file(self):
        # Given
        approvals = self.start()
        for outcome in (Outcome.APPROVED, Outcome.WITHDRAWN):
            approvals.end(approvals.ask(outcome, "r", 60), outcome)
        # When / Then
        day = 24 * 3600
        with mock.patch("time.time", return_value=time.time() + day - 10):
            self.assertEqual(2, len(approvals.recently_ended()))
        with mock.patch("time.time", return_value=time.time() + day + 10):
            self.assertEqual([], approvals.recently_ended())
            approvals.ask("the next day", "r", 60)
            self.restart(approvals)
        self.assertEqual(["the next day"], [row[1] for row in self.store.rows()])

    async def test_the_file_is_bounded(self):
        # Given: characters that escaping makes ten times as long
        approvals = self.start()
        # When
        for number in range(MAX_BURST):
            request = approvals.ask(f"{number}" + "\U000e0001" * 490, "\U000e0001" * 2000, 60)
            approvals.end(request, Outcome.WITHDRAWN)
        self.restart(approvals)
        # Then
        self.assertEqual(50, len(self.store.rows()))
        self.assertLess(sum(file.stat().st_size for file in self.directory.iterdir()), 16_000_000)


class DamageTest(Fixture):
    async def test_a_damaged_file_is_kept_aside_and_requests_are_kept_again(self):
        def other_table(file):
            with contextlib.closing(sqlite3.connect(file)) as database:
                database.execute("CREATE TABLE request (id TEXT)")

        def forbidden_value(file):
            with contextlib.closing(sqlite3.connect(file)) as database:
                database.execute("PRAGMA ignore_check_constraints = 1")
                database.execute("INSERT INTO request VALUES ('x', 'a', 'r', 1, 1, 'obeyed', '', 1)")
                database.commit()

        def torn(file):
            file.write_bytes(file.read_bytes()[:4096] + b"\xff" * 4096)

        for damage, from_empty in (
            (lambda file: file.write_text("not a database, but a text " * 99), True),
            (other_table, True),
            (forbidden_value, False),
            (torn, False),
            (lambda file: file.mkdir(), True),
        ):
            with self.subTest(damage):
                # Given
                self.directory = Path(tempfile.mkdtemp(dir=self.home))
                file = self.directory / "requests.sqlite"
                self.restart(self.start())
                self.store.close()
                if from_empty:
                    file.unlink()
                damage(file)
                self.log.seek(0)
                self.log.truncate()
                # When
                approvals = self.start()
                # Then
                [line] = self.lines()
                self.assertIn(f"cannot read {file}: ", line)
                self.assertIn("it is now requests.sqlite.damaged", line)
                self.assertTrue((self.directory / "requests.sqlite.damaged").exists())
                approvals.ask("afterwards", "r", 60)
                self.assertEqual(["afterwards"], [request.action for request in self.restart(approvals).pending()])

    async def test_without_a_directory_it_works_in_memory_and_says_so(self):
        (self.directory / "file").touch()
        for directory in (self.directory / "missing", self.directory / "file"):
            with self.subTest(directory):
                # When
                approvals = self.start(directory)
                # Then
                self.assertIn(f"cannot keep requests in {directory}: there is no such directory", self.lines()[-1])
                self.assertIn("a restart loses them", self.lines()[-1])
                approvals.end(approvals.ask("in memory", "r", 60), Outcome.APPROVED)
                self.assertEqual(1, len(approvals.recently_ended()))

    @unittest.skipUnless(os.getuid() == 0, "only root can become another user")
    async def test_a_directory_that_cannot_be_written_is_no_reason_to_fail(self):
        # Given: a read-only volume looks the same
        self.directory.chmod(0o755)
        program = """
import os, pathlib, sys
from supervise.store import Store

os.setuid(65534)
Store(pathlib.Path(sys.argv[1])).write([])
"""
        # When
        done = subprocess.run(
            [sys.executable, "-B", "-c", program, self.directory], cwd=HOME, capture_output=True, text=True, check=True
        )
        # Then
        self.assertIn(f"cannot keep requests in {self.directory}: it is not writable", done.stdout)

    async def test_a_file_in_use_is_not_taken_for_damaged(self):
        # Given
        other = self.start()
        other.ask("of the other", "r", 60)
        # When
        store = Store(self.directory)
        # Then
        self.assertIn("cannot keep requests", self.lines()[-1])
        self.assertEqual(
            [self.file.name], sorted({file.name.removesuffix("-wal") for file in self.directory.iterdir()})
        )
        store.close()

    async def test_what_a_full_disk_did_not_take_is_written_once_there_is_room(self):
        # Given: SQLite's own limit of pages stands for the disk
        approvals = self.start()
        database = self.store._database
        [pages] = database.execute("PRAGMA page_count").fetchone()
        database.execute(f"PRAGMA max_page_count = {pages}")
        # When
        first = approvals.ask("a" * 500, "\u0080" * 2000, 60)
        second = approvals.ask("b" * 500, "\u0080" * 2000, 60)
        # Then
        self.assertEqual(1, sum(f"cannot write {self.file}: database or disk is full" in line for line in self.lines()))
        self.assertEqual([first, second], approvals.pending())
        # When
        database.execute("PRAGMA max_page_count = 10000")
        approvals.end(second, Outcome.APPROVED)
        # Then
        self.assertIn(f"{self.file} is written again", self.lines())
        self.assertCountEqual([first.id, second.id], [row[0] for row in self.store.rows()])
        self.assertEqual([first.id], [request.id for request in self.restart(approvals).pending()])


if __name__ == "__main__":
    unittest.main()
