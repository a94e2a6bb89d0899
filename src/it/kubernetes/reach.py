"""reach.py tcp:ADDRESS:PORT udp:ADDRESS:PORT...: prints those of them that answer; a name server answers on udp."""

import socket
import sys
from concurrent.futures import ThreadPoolExecutor

QUERY = bytes.fromhex("0001010000010000000000000761 6c6c6f776564 07 6578616d706c65 00 0001 0001".replace(" ", ""))
SECONDS = 5


def answers(target: str) -> bool:
    protocol, address, port = target.split(":")
    try:
        if protocol == "tcp":
            socket.create_connection((address, int(port)), SECONDS).close()
            return True
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(SECONDS)
            client.sendto(QUERY, (address, int(port)))
            return bool(client.recv(512))
    except OSError:
        return False


targets = sys.argv[1:]
with ThreadPoolExecutor(len(targets)) as pool:
    for target, answered in zip(targets, pool.map(answers, targets), strict=True):
        if answered:
            print(target)
