"""Acts as the agent: on_link.py ADDRESS PORT asks a web server as if ADDRESS were in the agent's network.

This needs no privilege, and Linux accepts the packets if ADDRESS is one of the bundle's in another network.
"""

import socket
import sys

with socket.socket() as connection:
    connection.settimeout(5)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_DONTROUTE, 1)
    connection.connect((sys.argv[1], int(sys.argv[2])))
    connection.sendall(b"GET /status HTTP/1.0\r\n\r\n")
    print(connection.recv(4096).decode())
