"""The name server of the tests' cluster: dns.py NAME=ADDRESS... responds on port 53, by UDP and TCP.

It knows no other names.
"""

import socketserver
import struct
import sys
import threading
from ipaddress import IPv4Address

A, IN = 1, 1
RESPONSE, AUTHORITATIVE, NO_SUCH_NAME = 0x8000, 0x0400, 3
NAMES = dict(argument.split("=") for argument in sys.argv[1:])


def respond(query: bytes) -> bytes:
    labels, at = [], 12
    while length := query[at]:
        labels.append(query[at + 1 : at + 1 + length].decode("ascii", "replace"))
        at += 1 + length
    question = query[12 : at + 5]
    kind = struct.unpack("!H", query[at + 1 : at + 3])[0]
    address = NAMES.get(".".join(labels).lower())
    answers = []
    if address and kind == A:
        pointer_to_name = 0xC00C
        answers.append(struct.pack("!HHHIH", pointer_to_name, A, IN, 5, 4) + IPv4Address(address).packed)
    flags = RESPONSE | AUTHORITATIVE | (0 if address else NO_SUCH_NAME)
    return query[:2] + struct.pack("!HHHHH", flags, 1, len(answers), 0, 0) + question + b"".join(answers)


class ByUdp(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        query, socket = self.request
        socket.sendto(respond(query), self.client_address)


class ByTcp(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while size := self.rfile.read(2):
            response = respond(self.rfile.read(struct.unpack("!H", size)[0]))
            self.wfile.write(struct.pack("!H", len(response)) + response)


everywhere = ("", 53)
threading.Thread(target=socketserver.ThreadingUDPServer(everywhere, ByUdp).serve_forever).start()
socketserver.ThreadingTCPServer(everywhere, ByTcp).serve_forever()
