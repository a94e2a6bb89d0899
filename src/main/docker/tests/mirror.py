"""Plays package registries, a git host, a Debian archive and a model's API, with content made here."""

import base64
import hashlib
import http.server
import io
import json
import os
import subprocess
import tarfile
import threading
import urllib.parse
import zipfile

LARGE = 8 << 20  # more than pipelock accepts of an answer that it scans


class Mirror:
    """Content by (host, path), git repositories, and a stream that the test controls."""

    def __init__(self, directory):
        self.directory = directory
        self.content = {}  # of (host, path): content type and bytes
        self.requests = []  # (host, method, path)
        self.next_event = threading.Event()

    def handler(self):
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                host = self.headers["Host"]
                path = urllib.parse.unquote(self.path)
                body = self.body()
                mirror.requests.append((host, self.command, path))
                if path == "/stream":
                    self.stream()
                elif path == "/echo":
                    self.answer("application/octet-stream", body)
                elif host == "git.test":
                    self.git(body)
                elif (host, path) in mirror.content:
                    self.answer(*mirror.content[host, path])
                else:
                    self.answer("text/plain", b"not here\n", 404)

            do_HEAD = do_POST = do_GET

            def body(self):
                if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                    return self.rfile.read(int(self.headers.get("Content-Length", 0)))
                chunks = []
                while size := int(self.rfile.readline().partition(b";")[0], 16):
                    chunks.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(chunks)

            def answer(self, content_type, body, status=200):
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def stream(self):
                """Server-sent events; the second one comes when the test says so."""
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.event(b"data: first\n\n")
                mirror.next_event.wait(60)
                self.event(b"data: second\n\n")
                self.event(b"")

            def event(self, data):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

            def git(self, body):
                """git's own server side, by CGI (git-http-backend)."""
                path, _, query = self.path.partition("?")
                backend = subprocess.run(
                    ["git", "http-backend"],
                    env={
                        "PATH": os.environ["PATH"],
                        "GIT_PROJECT_ROOT": str(mirror.directory / "git"),
                        "GIT_HTTP_EXPORT_ALL": "1",
                        "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                        "REQUEST_METHOD": self.command,
                        "PATH_INFO": path,
                        "QUERY_STRING": query,
                        "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                        "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                        "CONTENT_LENGTH": str(len(body)),
                    },
                    input=body,
                    capture_output=True,
                    check=True,
                )
                head, _, answer = backend.stdout.partition(b"\r\n\r\n")
                headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
                self.answer(headers["Content-Type"], answer, int(headers.get("Status", "200").split()[0]))

            def log_message(self, *_):
                pass

        return Handler

    def add_wheel(self, index, files, name, size):
        """A wheel with a module `name` and a file of random bytes, and its page in the index."""
        wheel = io.BytesIO()
        info = f"{name}-1.0.dist-info"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(f"{name}.py", "works = True\n")
            archive.writestr(f"{name}.bin", os.urandom(size))
            archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{info}/RECORD", "")
        data = wheel.getvalue()
        path = f"/packages/{name}-1.0-py3-none-any.whl"
        self.content[files, path] = ("application/octet-stream", data)
        link = f'<a href="https://{files}{path}#sha256={_sha256(data)}">{name}-1.0-py3-none-any.whl</a>'
        page = f"<!DOCTYPE html><html><body>{link}</body></html>"
        self.content[index, f"/simple/{name}/"] = ("text/html", page.encode())

    def add_npm_package(self, registry, name):
        package = {"name": name, "version": "1.0.0", "main": "index.js"}
        files = {"package.json": json.dumps(package), "index.js": "module.exports = 'works';\n"}
        data = _tar_gz({f"package/{path}": text.encode() for path, text in files.items()})
        path = f"/{name}/-/{name}-1.0.0.tgz"
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
        version = package | {"dist": {"tarball": f"https://{registry}{path}", "integrity": integrity}}
        document = {"name": name, "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}}
        self.content[registry, f"/{name}"] = ("application/json", json.dumps(document).encode())
        self.content[registry, path] = ("application/octet-stream", data)

    def add_debian_package(self, archive, name, size):
        """A flat archive: its index and one package without scripts."""
        root = self.directory / f"{name}-deb"
        (root / "DEBIAN").mkdir(parents=True)
        fields = {"Package": name, "Version": "1.0", "Architecture": "all", "Description": "test"}
        fields["Maintainer"] = "Test <test@example.com>"
        control = "".join(f"{field}: {value}\n" for field, value in fields.items())
        (root / "DEBIAN/control").write_text(control)
        (root / f"{name}.bin").write_bytes(os.urandom(size))
        package = self.directory / f"{name}.deb"
        subprocess.run(["dpkg-deb", "--build", "-Znone", root, package], check=True, capture_output=True)
        data = package.read_bytes()
        packages = f"{control}Filename: ./{name}.deb\nSize: {len(data)}\nSHA256: {_sha256(data)}\n\n".encode()
        date = "Date: Thu, 01 Jan 2026 00:00:00 UTC"
        release = f"{date}\nSHA256:\n {_sha256(packages)} {len(packages)} Packages\n".encode()
        for file, content in ((f"{name}.deb", data), ("Packages", packages), ("Release", release)):
            self.content[archive, f"/./{file}"] = ("application/octet-stream", content)

    def add_repository(self, files):
        """git.test/repo.git with these files in one commit."""
        repository = self.directory / "git/repo.git"
        work = self.directory / "work"
        git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.com", "-C", work]
        subprocess.run(["git", "init", "--quiet", "--bare", "-b", "main", repository], check=True)
        subprocess.run(["git", "init", "--quiet", "-b", "main", work], check=True)
        for name, data in files.items():
            (work / name).write_bytes(data)
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "--quiet", "-m", "files"], check=True)
        subprocess.run([*git, "push", "--quiet", repository, "main"], check=True)


def _sha256(data):
    return hashlib.sha256(data).hexdigest()


def _tar_gz(files):
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return archive.getvalue()
