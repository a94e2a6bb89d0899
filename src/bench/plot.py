"""Dot plots as SVG, with a logarithmic axis because the numbers of the peers differ by up to a factor of a thousand."""

import math
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, TOP, ROW, BOTTOM = 860, 130, 30, 64, 30, 48
# different shapes, and Okabe and Ito's colours, which colour-blind readers can distinguish
MARKS = (("#0072b2", "circle"), ("#d55e00", "square"), ("#009e73", "diamond"))

Rows = dict[str, list[float | None]]


def dots(title: str, axis: str, series: list[str], rows: Rows) -> str:
    """A row for each key, with a mark for each series that has a number there."""
    numbers = [number for row in rows.values() for number in row if number]
    low, high = math.floor(math.log10(min(numbers))), math.ceil(math.log10(max(numbers)))
    bottom = TOP + ROW * len(rows)

    def place(number: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (math.log10(number) - low) / max(1, high - low)

    parts = [f'<text x="{LEFT}" y="22" font-size="15" font-weight="bold">{escape(title)}</text>']
    for index, name in enumerate(series):
        x = LEFT + 8 + 170 * index
        parts += [mark(index, x, 42), f'<text x="{x + 10}" y="46">{escape(name)}</text>']
    for power in range(low, high + 1):
        x = place(10**power)
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}" stroke="#ccc"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{short(10**power)}</text>')
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{bottom + 36}" text-anchor="end">{escape(axis)}</text>')
    for number, (name, row) in enumerate(rows.items()):
        y = TOP + ROW * number + ROW / 2
        parts.append(f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="#eee"/>')
        parts.append(f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end">{escape(name)}</text>')
        parts += [mark(index, place(value), y) for index, value in enumerate(row) if value]
    height = bottom + BOTTOM
    box = f'viewBox="0 0 {WIDTH} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="sans-serif" font-size="12">'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>', *parts, "</svg>", ""])


def mark(index: int, x: float, y: float) -> str:
    colour, shape = MARKS[index]
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y}" r="5" fill="{colour}"/>'
    turn = f' transform="rotate(45 {x:.1f} {y})"' if shape == "diamond" else ""
    return f'<rect x="{x - 4.5:.1f}" y="{y - 4.5}" width="9" height="9" fill="{colour}"{turn}/>'


def short(number: float) -> str:
    """At most three significant digits: 0.12, 1.23, 45.6, 850 k, 6.73 M."""
    for size, divisor, unit in ((1e6, 1e6, " M"), (1e4, 1e3, " k")):
        if number >= size:
            return short(number / divisor) + unit
    digits = 0 if abs(number) >= 100 else 1 if abs(number) >= 10 else 2
    text = f"{number:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
