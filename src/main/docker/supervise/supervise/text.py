"""Text from others, made safe to display, and our log lines."""


def escaped(text: str) -> str:
    """On one line: characters that control a terminal, reorder or hide text become escapes (\\x1b, \\u202e)."""
    return "".join(_escaped(char) for char in text)


def shortened(text: str, length: int = 120) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def log(line: str) -> None:
    """Writes a line to stdout, which the supervisor labels with our name."""
    print(line, flush=True)


def _escaped(char: str) -> str:
    if char == "\\":
        return "\\\\"
    return char if char.isprintable() else ascii(char)[1:-1]
