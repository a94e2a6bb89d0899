"""A stand-in for the hosts of models and one more: model_hosts.py CERTIFICATE KEY LOG [PORT].

It answers as their SDKs expect. The model in a request says how, whatever the host:
    status-N             an error, which quotes the key that arrived, in its body and in a header
    redirect-to-HOST     a redirect to the same path of HOST, whose own answer is an ordinary one
    echo                 a text with the key that arrived, cut in the middle while it streams
    another              "Hello, agent"; if it streams, only the first event comes before POST /v1/release/MODEL
LOG gets a line of JSON for each request: its first line, its headers, and the size and digest of its body.
"""

import hashlib
import json
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

ANTHROPIC = "api.anthropic.com"
RELEASE = "/v1/release/"
LONGEST_WAIT = 20

log_lock = threading.Lock()
released = {}  # of each model: the event that its streams wait for


def release_of(model: str) -> threading.Event:
    return released.setdefault(model, threading.Event())


def message(model: str, text: str) -> dict:
    """An answer to POST /v1/messages of Anthropic."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": text}] if text else [],
        "stop_reason": "end_turn" if text else None,
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }


def message_events(model: str, text: str) -> list[dict]:
    return [
        {"type": "message_start", "message": message(model, "")},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 1},
        },
        {"type": "message_stop"},
    ]


def response(model: str, text: str) -> dict:
    """An answer to POST /v1/responses of OpenAI."""
    content = [{"type": "output_text", "text": text, "annotations": []}]
    output = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": content}
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": "completed" if text else "in_progress",
        "model": model,
        "output": [output] if text else [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
    }


def response_events(model: str, text: str) -> list[dict]:
    delta = {"item_id": "msg_1", "output_index": 0, "content_index": 0, "delta": text}
    return [
        {"type": "response.created", "sequence_number": 0, "response": response(model, "")},
        {"type": "response.output_text.delta", "sequence_number": 1, **delta},
        {"type": "response.completed", "sequence_number": 2, "response": response(model, text)},
    ]


def completion(model: str, text: str, kind: str = "chat.completion", part: str = "message") -> dict:
    """An answer to POST /v1/chat/completions of OpenAI."""
    choice = {"index": 0, part: {"role": "assistant", "content": text}, "finish_reason": "stop" if text else None}
    return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": model, "choices": [choice]}


def completion_events(model: str, text: str) -> list[dict]:
    return [completion(model, part, "chat.completion.chunk", "delta") for part in ("", text)]


ANSWERS = {
    "/v1/messages": (message, message_events),
    "/v1/responses": (response, response_events),
    "/v1/chat/completions": (completion, completion_events),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def respond(self) -> None:
        body = self.body()
        self.record(body)
        path = urlsplit(self.path).path
        host = self.headers["Host"]
        if path.startswith(RELEASE):
            release_of(path.removeprefix(RELEASE)).set()
            return self.answer(200, {})
        if path == "/v1/models":
            models = [{"type": "model", "object": "model", "id": name, "created": 1} for name in ("large", "small")]
            return self.answer(200, {"object": "list", "data": models, "has_more": False})
        if path == "/v1/files" and self.command == "POST":
            return self.uploaded(body)
        if path not in ANSWERS:
            return self.error(404)
        request = json.loads(body)
        model = request["model"]
        if model.startswith("status-"):
            return self.error(int(model.removeprefix("status-")))
        if model.startswith("redirect-to-") and model != f"redirect-to-{host}":
            target = model.removeprefix("redirect-to-")
            return self.answer(307, {}, {"Location": f"https://{target}{self.path}"})
        text = f"You are {self.key()}." if model == "echo" else "Hello, agent"
        whole, events = ANSWERS[path]
        if not request.get("stream"):
            return self.answer(200, whole(model, text))
        self.stream(events(model, text), model)

    do_GET = do_POST = do_PUT = do_DELETE = respond

    def body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def record(self, body: bytes) -> None:
        entry = {
            "host": self.headers["Host"],
            "line": self.requestline,
            "headers": [f"{name.lower()}: {value}" for name, value in self.headers.items()],
            "size": len(body),
        }
        with log_lock, open(sys.argv[3], "a", encoding="utf-8") as log:
            log.write(json.dumps(entry) + "\n")

    def key(self) -> str:
        return self.headers.get("x-api-key") or self.headers.get("Authorization", "").removeprefix("Bearer ")

    def error(self, status: int) -> None:
        text = f"Incorrect API key provided: {self.key()}." if status == 401 else f"This is error {status}."
        error = {"type": "error_type", "code": "error_code", "message": text, "param": None}
        headers = {"X-Received-Key": self.key(), "Retry-After": "7"}
        self.answer(status, {"type": "error", "error": error}, headers)

    def uploaded(self, body: bytes) -> None:
        boundary = self.headers["Content-Type"].partition("boundary=")[2].strip('"').encode()
        part = next(part for part in body.split(b"--" + boundary) if b"filename=" in part)
        content = part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
        file = {
            "id": f"file-{hashlib.sha256(content).hexdigest()}",
            "filename": "upload.bin",
            "size_bytes": len(content),
            "bytes": len(content),
            "mime_type": "application/octet-stream",
            "purpose": "assistants",
            "downloadable": False,
        }
        if self.headers["Host"] == ANTHROPIC:
            return self.answer(200, {**file, "type": "file", "created_at": "2025-01-01T00:00:00Z"})
        self.answer(200, {**file, "object": "file", "created_at": 1, "status": "processed"})

    def answer(self, status: int, content: dict, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self, events: list[dict], model: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, event in enumerate(events):
            if number == 1 and model != "echo" and not release_of(model).wait(LONGEST_WAIT):
                self.close_connection = True  # the client sees that the answer is incomplete
                return
            name = f"event: {event['type']}\n" if "type" in event else ""
            data = f"{name}data: {json.dumps(event)}\n\n".encode()
            start, key, end = data.partition(self.key().encode())
            half = len(key) // 2
            self.chunk(start + key[:half])
            if key:
                time.sleep(0.2)  # so that the halves arrive apart
            self.chunk(key[half:] + end)
        if "chat" in self.path:
            self.chunk(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def chunk(self, data: bytes) -> None:
        if data:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def log_message(self, _format: str, *_arguments: object) -> None:
        pass  # the requests are in LOG


def main(certificate: str, key: str, _log: str, port: str = "443") -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer(("0.0.0.0", int(port)), Handler)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


main(*sys.argv[1:])
