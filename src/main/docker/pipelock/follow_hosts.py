"""Gives pipelock the allow-list anew whenever its file has changed. Sleeps until then.

usage: follow_hosts.py PIPELOCK

Its parent is a shell that says when this process dies, and ends pipelock; this process does so when the shell dies.
"""

import contextlib
import ctypes
import os
import select
import signal
import sys
import time

import allowed_hosts
import pipelock_config

CHANGES = 0x4 | 0x8 | 0x40 | 0x80 | 0x100 | 0x200  # IN_ATTRIB, _CLOSE_WRITE, _MOVED_FROM, _MOVED_TO, _CREATE, _DELETE
READ = 0x10  # IN_CLOSE_NOWRITE
SETTLE = 0.1  # seconds; a change is several events
SPACING = 1  # seconds; pipelock drops a reload while two others are under way
UNREAD = 2  # seconds until pipelock, which may still be starting, is told again
TRIES = 15
CANNOT_WATCH = 3  # exit code: pipelock runs on without us


class Watch:
    """inotify(7): fd is readable when something in the mask has happened to one of the paths. What is not there, or may
    not be read, is not watched."""

    _libc = ctypes.CDLL(None, use_errno=True)

    def __init__(self, mask, *paths):
        self.fd = self._check(self._libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK))
        for path in paths:
            with contextlib.suppress(FileNotFoundError, PermissionError):
                self._check(self._libc.inotify_add_watch(self.fd, os.fsencode(path), mask))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)

    @staticmethod
    def _check(result):
        if result == -1:
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error))
        return result


def directories(path):
    """Where a change can make this path lead to another file: its directory, and those of symbolic links on the way."""
    found, here, rest = [], "/", os.path.abspath(path).split("/")
    while rest and len(found) < 40:
        part = rest.pop(0)
        full = os.path.normpath(os.path.join(here, part))
        try:
            target = os.readlink(full)
        except OSError:  # no symbolic link
            here = full if rest else here
            continue
        found.append(here)
        rest = target.split("/") + rest
        here = "/" if target.startswith("/") else here
    return [*found, here]


class Follower:
    def __init__(self, pipelock):
        self._path = allowed_hosts.file(os.environ)
        self._config = pipelock_config.Config(os.environ)
        self._said = None
        self._pipelock = os.pidfd_open(pipelock)
        self._parent = os.pidfd_open(os.getppid())
        with self._watch():
            pass  # it can be done

    def run(self):
        """Returns when pipelock has ended, or must start anew."""
        while True:
            with self._watch() as watch:
                # After the watch is set: what changed before must be seen, too.
                if not self._update() or not self._sleep(watch):
                    return
            time.sleep(SETTLE)

    def end_pipelock(self):
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pipelock, signal.SIGTERM)

    def _watch(self):
        return Watch(CHANGES, self._path, *directories(self._path))

    def _sleep(self, watch, seconds=None):
        """Until something has changed, or for these seconds. False if pipelock has ended."""
        poll = select.poll()
        for fd in (watch.fd, self._pipelock, self._parent):
            poll.register(fd, select.POLLIN)
        ready = [fd for fd, _ in poll.poll(seconds and seconds * 1000)]
        if self._pipelock in ready:
            return False
        if self._parent in ready:
            raise RuntimeError("its parent has died")
        return True

    def _update(self):
        """False if pipelock has ended."""
        try:
            text = self._config.check()
        except pipelock_config.InvalidConfig as error:
            if str(error) != self._said:
                self._said = str(error)
                print(f"pipelock keeps the old allow-list: {error}", flush=True)
            return True
        self._said = None
        return text is None or self._replace(text)

    def _replace(self, text):
        if not pipelock_config.reloadable(self._config.current(), text):
            os.replace(self._config.new, self._config.path)
            print(
                "pipelock restarts for a new mark passthrough, or another new setting, in its configuration", flush=True
            )
            self.end_pipelock()
            return False
        for _ in range(TRIES):
            self._config.new.write_text(text, encoding="utf-8")
            with Watch(READ, self._config.new) as reading:
                os.replace(self._config.new, self._config.path)
                if not self._sleep(reading, UNREAD):
                    return False
                if select.select([reading.fd], [], [], 0)[0]:
                    time.sleep(SPACING)
                    return True
        raise RuntimeError("pipelock does not read its configuration")


def main():
    try:
        follower = Follower(int(sys.argv[1]))
    except OSError as error:
        print(
            f"changes of the allow-list count only after a restart: cannot watch its file: {error.strerror}", flush=True
        )
        return CANNOT_WATCH
    try:
        follower.run()
    except Exception as error:
        print(f"cannot follow the allow-list, so pipelock must start anew: {error}", flush=True)
        follower.end_pipelock()
    return 0


if __name__ == "__main__":
    sys.exit(main())
