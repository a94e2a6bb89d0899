"""The allow-list as it is now: the file may change while egress runs."""

import allowed_hosts
from live_file import LiveFile


class LiveHosts:
    def __init__(self, environ, say):
        """say: prints a line."""
        self._say = say
        self._file = LiveFile(
            allowed_hosts.file(environ), lambda: allowed_hosts.read(environ), allowed_hosts.InvalidHosts
        )
        self._hosts = None
        self.current()

    def current(self):
        """The list in force; None until there is a valid one. A wrong list changes nothing, and is said once."""
        if not self._file.look():
            return self._hosts
        hosts = self._file.content
        if self._file.mistake:
            outcome = "the old list stays in force" if hosts else "no allow-list, so every request is refused"
            self._say(f"{outcome}: {self._file.mistake}")
        elif self._hosts and hosts != self._hosts:
            self._say(f"{hosts.source} has changed: {len(hosts.patterns)} hosts are allowed now")
        self._hosts = hosts
        return hosts
