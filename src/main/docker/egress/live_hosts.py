"""The allow-list as it is now: the file may change while egress runs."""

import os
import time

import allowed_hosts

YOUNG = 1  # seconds; within the same tick of the clock, a second change need not show in the file's stamp


class LiveHosts:
    """Looks at the file on each request, and reads it when it has changed. So nothing wakes up while nobody asks."""

    def __init__(self, environ, say):
        """say: prints a line."""
        self._environ = environ
        self._say = say
        self._path = allowed_hosts.file(environ)
        self._stamp = self._said = self._hosts = None
        self._settled = False
        self.current()

    def current(self):
        """The list in force; None until there is a valid one. A wrong list changes nothing, and is said once."""
        if self._settled and (self._path is None or _stamp(self._path)[0] == self._stamp):
            return self._hosts
        self._stamp, age = _stamp(self._path) if self._path else (None, YOUNG)
        self._settled = age >= YOUNG
        try:
            hosts = allowed_hosts.read(self._environ)
        except allowed_hosts.InvalidHosts as error:
            # in the first second an editor may be in the middle of it
            if self._settled or self._hosts is None:
                self._refuse(str(error))
            return self._hosts
        if self._hosts and vars(hosts) != vars(self._hosts):
            self._say(f"{hosts.source} has changed: {len(hosts.patterns)} hosts are allowed now")
        self._said = None
        self._hosts = hosts
        return hosts

    def _refuse(self, error):
        if error != self._said:
            self._said = error
            outcome = (
                "no allow-list, so every request is refused" if self._hosts is None else "the old list stays in force"
            )
            self._say(f"{outcome}: {error}")


def _stamp(path):
    """What shows that the path leads to another content, and how many seconds ago that came about."""
    try:
        stat = os.stat(path)
    except OSError as error:
        return error.errno, YOUNG
    return (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns), time.time() - stat.st_ctime
