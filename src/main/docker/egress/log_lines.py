"""The log of egress: whatever a client or a server sends makes at most one line of bounded length, in ASCII."""

import sys

LONGEST = 300

_hidden = set()


def hide(secret):
    """From now on, asterisks replace this text in what is printed."""
    _hidden.add(secret)


def printable(text, longest=LONGEST):
    """As ASCII on one line, shortened."""
    text = str(text)
    for secret in sorted(_hidden, key=len, reverse=True):  # one may be the beginning of another
        text = text.replace(secret, "*" * len(secret))
    shown = (char if " " <= char <= "~" else ascii(char).strip("'") for char in text[:longest])
    return "".join(shown)[:longest]


def one_line(text):
    """Of a traceback, the exception and its place."""
    head = "Traceback (most recent call last):"  # mitmproxy before version 9 writes it behind other text
    lines = [line for line in text.replace(head, f"\n{head}").splitlines() if line.strip()]
    start = next((i for i, line in enumerate(lines) if line.startswith(head)), None)
    if start is not None:
        place = max((i for i, line in enumerate(lines) if line.startswith("  File ")), default=start)
        causes = [line for line in lines[place + 1 :] if not line.startswith(" ")]
        lines = [*lines[:start], *causes[:1], f"at {lines[place].strip()}"]
    return printable(" ".join(line.strip() for line in lines))


def write(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
