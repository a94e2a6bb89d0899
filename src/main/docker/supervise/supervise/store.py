"""
The file that keeps requests across a restart: SQLite, in a volume.

Supervise works without it: what it can't read or write it reports, once, and goes on in memory. The number of requests
and the lengths of their texts bound the file.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from .text import escaped, log

Row = tuple[str, str, str, int, float, str | None, str, float | None]

NAME = "requests.sqlite"
SCHEMA = """
CREATE TABLE IF NOT EXISTS request (
    id TEXT PRIMARY KEY, action TEXT NOT NULL, reason TEXT NOT NULL, timeout INTEGER NOT NULL, asked_at REAL NOT NULL,
    outcome TEXT CHECK (outcome IN ('approved', 'denied', 'timed out', 'withdrawn')), comment TEXT NOT NULL,
    ended_at REAL, CHECK ((outcome IS NULL) = (ended_at IS NULL))
) STRICT
"""
COLUMNS = "id, action, reason, timeout, asked_at, outcome, comment, ended_at"


class Store:
    def __init__(self, directory: Path) -> None:
        self._file = directory / NAME
        self._kept: dict[str, Row] = {}
        self._database: sqlite3.Connection | None = None
        self._fails = False
        try:
            try:
                self._open()
            except sqlite3.Error as error:
                self._set_aside(error)
                self._open()
        except (OSError, sqlite3.Error) as error:
            self._database = None
            log(f"cannot keep requests in {directory}: {_cause(error)}; a restart loses them")

    def rows(self) -> list[Row]:
        return list(self._kept.values())

    def write(self, rows: Iterable[Row]) -> None:
        """Makes these the content of the file. After a failure the next call writes what is missing."""
        if self._database is None:
            return
        rows = {row[0]: row for row in rows}
        changed = [row for row in rows.values() if self._kept.get(row[0]) != row]
        gone = [(one,) for one in self._kept.keys() - rows.keys()]
        try:
            with self._database:
                self._database.executemany(f"REPLACE INTO request ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", changed)
                self._database.executemany("DELETE FROM request WHERE id = ?", gone)
        except sqlite3.Error as error:
            if not self._fails:
                log(f"cannot write {self._file}: {_cause(error)}; a restart now loses requests")
            self._fails = True
            return
        if self._fails:
            log(f"{self._file} is written again")
        self._fails, self._kept = False, rows

    def close(self) -> None:
        if self._database is not None:
            with contextlib.suppress(sqlite3.Error):
                self._database.close()
            self._database = None

    def _open(self) -> None:
        if not self._file.parent.is_dir():
            raise FileNotFoundError(0, "there is no such directory")
        if not os.access(self._file.parent, os.W_OK):
            raise PermissionError(0, "it is not writable")
        database = sqlite3.connect(self._file, timeout=0)
        try:
            # without shared memory, and without a sync at each commit: a crash of the machine loses the latest ones
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            [problem], *_ = database.execute("PRAGMA quick_check")
            if problem != "ok":
                raise sqlite3.DatabaseError(problem)
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute(SCHEMA)
            self._kept = {row[0]: row for row in database.execute(f"SELECT {COLUMNS} FROM request")}
        except BaseException:
            database.close()
            raise
        self._database = database

    def _set_aside(self, error: sqlite3.Error) -> None:
        """Only a damaged file, and in place of an earlier one: a file that is locked, or on a full disk, is good."""
        if not self._file.exists() or getattr(error, "sqlite_errorcode", 0) & 0xFF in (
            sqlite3.SQLITE_BUSY,
            sqlite3.SQLITE_FULL,
            sqlite3.SQLITE_IOERR,
            sqlite3.SQLITE_NOMEM,
            sqlite3.SQLITE_READONLY,
        ):
            raise error
        aside = self._file.with_name(f"{NAME}.damaged")
        for suffix in ("", "-wal"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self._file}{suffix}").replace(f"{aside}{suffix}")
        log(f"cannot read {self._file}: {_cause(error)}; it is now {aside.name}, and earlier requests are lost")


def _cause(error: Exception) -> str:
    return escaped(getattr(error, "strerror", None) or str(error))
