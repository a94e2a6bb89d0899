"""A stand-in for the internet: responds to every request on ports 80 and 443 with one line, and logs the request."""

import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def respond(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        text = f"{self.command} {self.headers.get('Host')} {self.path} arrived\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = respond

    def log_message(self, _format: str, *_arguments: object) -> None:
        print(
            self.server.scheme,
            self.headers.get("Host") if hasattr(self, "headers") else "-",
            self.requestline,
            flush=True,
        )


def serve(port: int, scheme: str, context: ssl.SSLContext | None = None) -> None:
    server = ThreadingHTTPServer(("0.0.0.0", port), Handler)
    server.scheme = scheme
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()


tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(sys.argv[1], sys.argv[2])
serve(80, "http")
serve(443, "https", tls)
threading.Event().wait()
