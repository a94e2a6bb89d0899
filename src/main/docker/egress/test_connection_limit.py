"""Tests that an agent with many connections neither stops egress nor floods its log."""

import contextlib
import socket
import unittest
import unittest.mock

from support import HEALTH, LIMIT, CurlResponse, Daemon, Testbed, free_port, require, wait_until

DESCRIPTORS = 300
CONNECTIONS = 50  # the limit that follows from DESCRIPTORS


class ConnectionLimitTest(unittest.TestCase):
    def setUp(self):
        require("prlimit")
        self.testbed = Testbed()
        self.addCleanup(self.testbed.close)
        self.port = free_port()
        self.egress = self.start()

    def start(self):
        start, limit = Daemon.__init__, f"--nofile={DESCRIPTORS // 2}:{DESCRIPTORS}"

        def limited(daemon, command, environ):
            start(daemon, ["prlimit", limit, *command], environ)

        with unittest.mock.patch.object(Daemon, "__init__", limited):
            return self.testbed.healthy_egress(self.port)

    def healthy(self):
        return CurlResponse(self.port, HEALTH).code == 200

    def connect(self):
        """A connection of an agent on another address than that of the probes."""
        return socket.create_connection(("127.0.0.1", self.port), LIMIT, source_address=("127.0.0.2", 0))

    def closed(self, connection):
        connection.settimeout(LIMIT)
        with contextlib.suppress(ConnectionResetError):
            return connection.recv(1) == b""
        return True

    def works(self, connection):
        connection.sendall(b"GET http://egress.health/ HTTP/1.1\r\nHost: egress.health\r\n\r\n")
        answer = b""
        with contextlib.suppress(ConnectionError):
            while not answer.endswith(b"\r\n\r\nok\n") and (more := connection.recv(1000)):
                answer += more
        return answer.startswith(b"HTTP/1.1 200")

    def works_anew(self):
        with self.connect() as connection:
            return self.works(connection)

    def test_further_connections_are_closed_and_probes_and_open_ones_go_on(self):
        with contextlib.ExitStack() as connections:
            agent = [
                connections.enter_context(self.connect()) for _ in range(CONNECTIONS - 5)
            ]  # earlier probes may still count
            self.assertTrue(all(self.works(connection) for connection in agent))
            for _ in range(5):
                connections.enter_context(self.connect())
            for _ in range(DESCRIPTORS):
                self.assertTrue(self.closed(connections.enter_context(self.connect())))
            self.assertTrue(self.healthy())
            self.assertTrue(self.works(agent[0]))
        self.assertEqual(len(self.egress.lines("closing further connections: the agent has 50")), 1)
        wait_until(self.works_anew, "a connection after the others are closed")


if __name__ == "__main__":
    unittest.main()
