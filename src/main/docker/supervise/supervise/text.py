"""What others wrote, made safe to be shown."""


def shown(text: str) -> str:
    """In one line, unmistakably: what drives a terminal, reorders or hides text is written as an escape (\\x1b, \\u202e)."""
    return "".join(_shown(char) for char in text)


def shortened(text: str, length: int = 120) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def say(line: str) -> None:
    """A line of our log, which the supervisor labels with our name."""
    print(line, flush=True)


def _shown(char: str) -> str:
    if char == "\\":
        return "\\\\"
    return char if char.isprintable() else ascii(char)[1:-1]
