"""Acts as an agent with the Python SDKs. Each line of stdin is a call:
    {"sdk": "anthropic" or "openai", "do": "call", "stream", "chat", "chat-stream", "upload" or "models",
     "model": NAME, "file": PATH, "settings": {"key", "token", "url", "headers", "query"}}
Prints a line of JSON for each: its result, or the error as the SDK reports it. A stream is released once its first
event is here.
"""

import json
import sys

import anthropic
import openai

QUESTION = [{"role": "user", "content": "Hello"}]
SETTINGS = {
    "key": "api_key",
    "token": "auth_token",
    "url": "base_url",
    "headers": "default_headers",
    "query": "default_query",
}


class Anthropic:
    client_class = anthropic.Anthropic
    release = "/v1/release/"

    def __init__(self, client):
        self.client = client

    def create(self, model, **more):
        return self.client.messages.create(model=model, max_tokens=100, messages=QUESTION, **more)

    def text(self, answer):
        return answer.content[0].text

    def part(self, event):
        return event.delta.text if event.type == "content_block_delta" else ""

    def upload(self, file):
        uploaded = self.client.beta.files.upload(file=file)
        return uploaded.id, uploaded.size_bytes


class OpenAI:
    client_class = openai.OpenAI
    release = "/release/"  # its base URL ends with /v1

    def __init__(self, client):
        self.client = client

    def create(self, model, **more):
        return self.client.responses.create(model=model, input="Hello", **more)

    def text(self, answer):
        return answer.output_text

    def part(self, event):
        return event.delta if event.type == "response.output_text.delta" else ""

    def upload(self, file):
        uploaded = self.client.files.create(file=file, purpose="assistants")
        return uploaded.id, uploaded.bytes


class Chat(OpenAI):
    def create(self, model, **more):
        return self.client.chat.completions.create(model=model, messages=QUESTION, **more)

    def text(self, answer):
        return answer.choices[0].message.content

    def part(self, chunk):
        return chunk.choices[0].delta.content or ""


def do(sdk, call):
    match call["do"]:
        case "call" | "chat":
            return {"text": sdk.text(sdk.create(call["model"]))}
        case "stream" | "chat-stream":
            text, events = "", 0
            for event in sdk.create(call["model"], stream=True):
                if events == 0:
                    sdk.client.post(sdk.release + call["model"], cast_to=object)
                text += sdk.part(event)
                events += 1
            return {"text": text, "events": events}
        case "upload":
            with open(call["file"], "rb") as file:
                identity, size = sdk.upload(file)
            return {"id": identity, "size": size}
        case "models":
            return {"models": [model.id for model in sdk.client.models.list()]}


def outcome(call):
    settings = {SETTINGS[name]: value for name, value in call.get("settings", {}).items()}
    kind = Anthropic if call["sdk"] == "anthropic" else Chat if call["do"].startswith("chat") else OpenAI
    sdk = kind(kind.client_class(max_retries=0, **settings))
    try:
        return do(sdk, call)
    except Exception as error:
        response = getattr(error, "response", None)
        return {
            "error": type(error).__name__,
            "status": getattr(error, "status_code", None),
            "message": str(error),
            "headers": dict(response.headers) if response is not None else {},
        }


for line in sys.stdin:
    print(json.dumps(outcome(json.loads(line))), flush=True)
