"""Shared by the tests of the daemons: an origin server with its CA, egress and pipelock, curl, ports and polling."""

import contextlib
import http.client
import http.server
import os
import pathlib
import random
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[4]
DOCKER = ROOT / "src/main/docker"
STAND_IN = ROOT / "src/it/containers/pipelock-standin"
PIPELOCK = os.environ.get("PIPELOCK_BIN") or str(STAND_IN)
REAL_PIPELOCK = str(STAND_IN) != PIPELOCK
HEALTH = "http://egress.health/"
LIMIT = 30  # seconds, for everything that a test waits for
LOCAL_HOSTS = ("localhost", "other.localhost")


def require(*programs):
    for program in programs:
        if not shutil.which(program):
            raise unittest.SkipTest(f"{program} is not on the PATH")


def free_port():
    """Below the ephemeral ports, so that no outgoing connection takes it before the daemon does."""
    while True:
        port = random.randrange(10_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("0.0.0.0", port)):
            return port


def wait_until(condition, what):
    """Polls the condition until it is true, and returns its value."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"timed out after {LIMIT} s: {what}")


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


class Daemon:
    """A child process in its own process group, and its output."""

    def __init__(self, command, environ):
        self.output = tempfile.NamedTemporaryFile(mode="r", suffix=".log")
        base = {"PYTHONDONTWRITEBYTECODE": "1", "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
        with open(self.output.name, "wb") as output:
            self.process = subprocess.Popen(
                command,
                env=base | environ,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def text(self):
        return pathlib.Path(self.output.name).read_text(encoding="utf-8", errors="replace")

    def lines(self, part):
        return [line for line in self.text().splitlines() if part in line]

    def ready(self, port):
        def up():
            if self.process.poll() is not None:
                raise AssertionError(f"exited with {self.process.returncode}: {self.text()}")
            return listens(port)

        wait_until(up, f"port {port} open: {self.text()}")
        return self

    def exit_code(self):
        return self.process.wait(LIMIT)

    def terminate(self):
        self.process.terminate()
        return self.exit_code()

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.output.close()


class WebServer:
    """A web server on loopback, in threads."""

    def __init__(self, handler, port=0, context=None):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
        self.server.handle_error = lambda *_: None
        if context:
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Origin(WebServer):
    """Records its requests: (method, path, body)."""

    def __init__(self, context=None):
        self.requests = []
        self.body = b"origin"
        origin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                origin.requests.append((self.command, self.path, body))
                self.send_response(200)
                self.send_header("Content-Length", str(len(origin.body)))
                self.end_headers()
                self.wfile.write(origin.body)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        super().__init__(Handler, context=context)


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def make_origin_ca(directory, hosts=LOCAL_HOSTS):
    """Makes a CA and a server certificate for these hosts. Returns the CA's file and the server's TLS context."""
    ca, ca_key, cert, key, request, names = (
        directory / name for name in ("ca.pem", "ca.key", "cert.pem", "cert.key", "cert.csr", "names")
    )
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *curve, "-days", 2, "-subj", "/CN=test origin CA", "-keyout", ca_key, "-out", ca)
    openssl("req", *curve, "-subj", f"/CN={hosts[0]}", "-keyout", key, "-out", request)
    names.write_text("subjectAltName=" + ",".join(f"DNS:{host}" for host in hosts))
    openssl(
        "x509",
        "-req",
        "-in",
        request,
        "-CA",
        ca,
        "-CAkey",
        ca_key,
        "-CAcreateserial",
        "-days",
        2,
        "-extfile",
        names,
        "-out",
        cert,
    )
    ca.write_text(ca.read_text().rstrip())  # without a final newline, as an operator's file may be
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return ca, context


def python_of_mitmproxy(directory):
    """A directory with python3 as in the image, where it has the libraries of mitmproxy."""
    interpreter = pathlib.Path(shutil.which("mitmdump")).read_bytes().partition(b"\n")[0]
    if not interpreter.startswith(b"#!"):
        raise unittest.SkipTest("mitmdump is no script of Python")
    python = directory / "bin/python3"
    if not python.exists():
        python.parent.mkdir()
        python.write_text(f'#!/bin/sh\nexec {interpreter[2:].decode()} "$@"\n')
        python.chmod(0o755)
    return python.parent


class Testbed:
    """A directory with an origin over http and https, in which tests start the daemons. close() removes everything.

    prefix: the command that runs the entry points, setpriv for example."""

    def __init__(self, hosts=LOCAL_HOSTS, prefix=()):
        self.prefix = prefix
        require("openssl", "curl")
        self._exit = contextlib.ExitStack()
        self.directory = pathlib.Path(self._exit.enter_context(tempfile.TemporaryDirectory()))
        self.directory.chmod(0o755)
        self.origin_ca, self.context = make_origin_ca(self.directory, hosts)
        self.plain = self.keep(Origin())
        self.secure = self.keep(Origin(self.context))
        self.hosts = f"localhost:{self.plain.port} http,localhost:{self.secure.port}"
        self.pipelock_home = self.directory / "pipelock"
        self.pipelock_home.mkdir()
        self.pipelock_port = free_port()

    def keep(self, resource):
        self._exit.callback(resource.close)
        return resource

    def close(self):
        self._exit.close()

    def pipelock_yaml(self, more="", exempt=False):
        """The image's configuration on other ports, with access to loopback. exempt: localhost is in exempt_domains."""
        text = (DOCKER / "pipelock/pipelock.yaml").read_text()
        if exempt:
            assert "    - pypi.org\n" in text
            text = text.replace("    - pypi.org\n", "    - localhost\n")
        for default, port in ((8888, self.pipelock_port), (9091, free_port())):
            text = text.replace(f"127.0.0.1:{default}", f"127.0.0.1:{port}")
        path = self.directory / "pipelock.yaml"
        path.write_text(text + 'ssrf: {ip_allowlist: ["127.0.0.0/8"]}\n' + more)
        return path

    def start_pipelock(self, **environ):
        """Starts pipelock by its entry point and does not wait for it."""
        return self.keep(
            Daemon(
                [*self.prefix, "sh", DOCKER / "pipelock/pipelock-entrypoint.sh"],
                {
                    "PIPELOCK_BIN": PIPELOCK,
                    "PIPELOCK_HOME": str(self.pipelock_home),
                    "PIPELOCK_CONFIG": str(self.directory / "pipelock.yaml"),
                    "PIPELOCK_APP": str(DOCKER / "pipelock"),
                    "EGRESS_APP": str(DOCKER / "egress"),
                    "SSL_CERT_FILE": str(self.origin_ca),
                    "CLAUDE_BOTTLE_ALLOWED_HOSTS": self.hosts,
                }
                | environ,
            )
        )

    def ready_pipelock(self, **environ):
        """Starts pipelock and waits until it listens."""
        return self.start_pipelock(**environ).ready(self.pipelock_port)

    def start_egress(self, port, **environ):
        """Starts egress by its entry point and does not wait for it. Its port opens before the add-on is loaded.
        It must print no traceback, whatever a test does to it: close() fails if it did."""
        require("mitmdump")
        path = environ.pop("PATH", os.environ["PATH"])
        egress = self.keep(
            Daemon(
                [*self.prefix, "sh", ROOT / "egress-entrypoint.sh"],
                {
                    "PATH": f"{python_of_mitmproxy(self.directory)}:{path}",
                    "EGRESS_APP": str(DOCKER / "egress"),
                    "EGRESS_PORT": str(port),
                    "EGRESS_PIPELOCK": f"127.0.0.1:{self.pipelock_port}",
                    "EGRESS_CONFDIR": str(self.directory / "confdir"),
                    "PIPELOCK_HOME": str(self.pipelock_home),
                    "SSL_CERT_FILE": str(self.origin_ca),
                    "CLAUDE_BOTTLE_ALLOWED_HOSTS": self.hosts,
                }
                | environ,
            )
        )
        self._exit.callback(_assert_no_traceback, egress)
        return egress

    def healthy_egress(self, port, **environ):
        """Starts egress and waits until its add-on answers."""
        egress = self.start_egress(port, **environ).ready(port)
        wait_until(lambda: CurlResponse(port, HEALTH).code == 200, f"the health of egress: {egress.text()}")
        return egress

    def through_pipelock(self, path="/", *arguments):
        """Asks the origin over https, without egress. curl trusts pipelock's CA only, so pipelock must intercept."""
        url = f"https://localhost:{self.secure.port}{path}"
        ca = self.pipelock_home / "ca.pem"
        return CurlResponse(self.pipelock_port, url, "--globoff", "--cacert", ca, *arguments)


def _assert_no_traceback(daemon):
    assert "Traceback" not in daemon.text(), daemon.text()


class RawServer:
    """In place of pipelock: a thread for each connection, in which a subclass serves it by serve(connection)."""

    def __init__(self, port):
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=(self._listener.accept()[0],), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), connection:
            self.serve(connection)

    def close(self):
        """May be called again."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # else it listens on while the thread is in accept()
        self._listener.close()


def read_until(connection, end):
    """What the connection sends up to this end, or its own, and perhaps more."""
    received = b""
    while end not in received and (more := connection.recv(65536)):
        received += more
    return received


class CurlResponse:
    """The result of curl through a proxy. code is the status (that of a refused CONNECT), 0 without a response."""

    def __init__(self, port, *arguments):
        done = subprocess.run(
            [
                "curl",
                "-sS",
                "--max-time",
                str(LIMIT),
                "--noproxy",
                "",
                "--proxy",
                f"http://127.0.0.1:{port}",
                "-D",
                "-",
                "-w",
                "\n%{http_code} %{http_connect}",
                *map(str, arguments),
            ],
            capture_output=True,
            check=False,
        )
        self.text, _, codes = done.stdout.decode("utf-8", "replace").rpartition("\n")
        status, connect = map(int, codes.split())
        self.code = status or connect
        self.error = done.stderr.decode("utf-8", "replace")


def egress_ca(port):
    """The certificate that the agent has to trust."""
    return CurlResponse(port, HEALTH + "ca.pem", "-D", "/dev/null").text


def send_raw(port, text):
    """Sends bytes to a port and returns everything it sends back until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), LIMIT) as connection:
        connection.sendall(text)
        return b"".join(iter(lambda: connection.recv(65536), b""))
