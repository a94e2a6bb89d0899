"""The supervisor's events about the guards: CloudEvents in structured mode, each delivered at least once."""

import json
from collections import deque

from .text import escaped, log, shortened

KEPT = 200
GAPS_KEPT = 10
MAX_NAME_LENGTH = 256
TYPE_PREFIX = "dev.claudebottle.sidecar."


class InvalidEvent(Exception):
    """The message says what is wrong."""


class Events:
    def __init__(self) -> None:
        self.latest: deque[dict] = deque(maxlen=KEPT)
        self.gaps: deque[dict] = deque(maxlen=GAPS_KEPT)

    def accept(self, body: bytes) -> None:
        event = _parse(body)
        key = {"source": event["source"], "id": event["id"]}
        if any(key.items() <= seen.items() for seen in self.latest):
            return
        kind, guard = event["type"].removeprefix(TYPE_PREFIX), event.get("subject", "")
        data = event["data"] if isinstance(event.get("data"), dict) else {}
        text = shortened(_text(kind, guard, data), 300)
        # without the guard's output, which may contain secrets
        self.latest.append({**key, "type": event["type"], "time": event.get("time"), "text": text})
        if kind == "daemon.recovered":
            seconds, planned = _number(data, "gapSeconds"), data.get("planned") is True
            self.gaps.append({"guard": guard, "ended": event.get("time"), "seconds": seconds, "planned": planned})
        log(text)


def _text(kind: str, guard: str, data: dict) -> str:
    planned = data.get("planned") is True
    asked = ", as asked" if planned else ""
    match kind:
        case "daemon.exited" if data.get("error"):
            return f"cannot start {guard}: {escaped(str(data['error']))}"
        case "daemon.exited":
            causes = (
                escaped(str(data["signal"])) if data.get("signal") else None,
                "out of memory" if data.get("oomKilled") is True else None,
                "liveness" if data.get("reason") == "liveness" else None,
            )
            how = ", ".join(cause for cause in causes if cause)
            return f"{guard} exited with code {escaped(str(data.get('code')))}{how and f' ({how})'}{asked}"
        case "daemon.restarting" if planned:
            return f"{guard} is restarted, as the operator asked"
        case "daemon.restarting":
            return f"{guard} will be started again{_seconds(' in', data, 'nextStartInSeconds')}"
        case "daemon.recovered":
            return f"{guard} is back{_seconds(' after', data, 'gapSeconds')}{asked}"
        case "daemon.unready":
            cause = f": {escaped(str(data['error']))}" if data.get("error") else ""
            return f"{guard} is not ready{cause}"
        case "daemon.crash-looping":
            return f"{guard} is crash-looping"
        case _:
            return f"{kind} {guard}".rstrip()


def _seconds(word: str, data: dict, key: str) -> str:
    seconds = _number(data, key)
    return "" if seconds is None else f"{word} {seconds:g} s"


def _number(data: dict, key: str) -> float | None:
    value = data.get(key)
    return value if isinstance(value, int | float) and 0 <= value < 1e9 else None


def _parse(body: bytes) -> dict:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidEvent("it is not JSON") from None
    if not isinstance(event, dict):
        raise InvalidEvent("it is not a JSON object")
    if event.get("specversion") != "1.0":
        raise InvalidEvent('its specversion is not "1.0"')
    for name in ("id", "source", "type", "subject", "time"):
        optional = name in ("subject", "time") and name not in event
        if not optional and not _is_name(event.get(name)):
            raise InvalidEvent(f"its {name} is not a string of 1 to {MAX_NAME_LENGTH} printable characters")
    if event["type"].startswith(TYPE_PREFIX + "daemon."):
        if "subject" not in event:
            raise InvalidEvent("it has no subject")
        if not isinstance(event.get("data"), dict):
            raise InvalidEvent("its data is not an object")
    return event


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_NAME_LENGTH and value.isprintable()
