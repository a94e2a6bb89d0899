"""mitmproxy add-on: the agent can't take all file descriptors.

mitmproxy would refuse probes then, and write 30,000 lines a second about that.
"""

import resource
import sys

from log_lines import write

MOST = 1000  # pipelock holds 1,024 tunnels
PER_CONNECTION = 4  # descriptors: one to the agent, some to pipelock
OWN = 100
FOR_PROBES = 20  # from this host


class ConnectionLimit:
    def __init__(self):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        descriptors = sys.maxsize if hard == resource.RLIM_INFINITY else hard
        self._limit = min(MOST, (descriptors - OWN) // PER_CONNECTION)
        self._clients = set()
        self._said = False

    def client_connected(self, client):
        self._clients.add(client.id)
        reserve = FOR_PROBES if client.peername[0] == "127.0.0.1" else 0
        if len(self._clients) > self._limit + reserve:
            client.error = "too many connections"  # mitmproxy closes it
            self._say()

    def client_disconnected(self, client):
        self._clients.discard(client.id)
        self._said = self._said and len(self._clients) > self._limit // 2

    def _say(self):
        if not self._said:
            self._said = True
            write(f"closing further connections: the agent has {self._limit}; it must close some")
