"""Counts visits in redis. /health asks redis too, /alive does not."""

import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REDIS = ("127.0.0.1", 28082)


def redis(*words: str) -> str:
    """Sends one command; returns the answer's first line without its type."""
    with socket.create_connection(REDIS, timeout=2) as connection:
        connection.sendall((" ".join(words) + "\r\n").encode())
        answer = connection.makefile().readline().strip()
    if not answer or answer[0] == "-":
        raise OSError(answer or "no answer")
    return answer[1:]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        try:
            if self.path == "/alive":
                self.reply(200, "alive")
            elif self.path == "/health":
                self.reply(200, redis("PING"))
            elif self.path == "/":
                self.reply(200, f"visit {redis('INCR', 'visits')}")
            else:
                self.reply(404, "not found")
        except OSError as e:
            print(f"cannot ask redis: {e}")
            self.reply(503, "redis does not answer")

    def reply(self, code: int, text: str) -> None:
        body = f"{text}\n".encode()
        self.send_response(code)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """nginx logs the requests."""


ThreadingHTTPServer(("127.0.0.1", 28081), Handler).serve_forever()
