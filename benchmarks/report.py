"""Turns windows into ratios, and ratios into a table, JSON and a chart."""

import html
import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import Window

BEGIN, END = "<!-- figures: written by `make bench-full` -->", "<!-- end of figures -->"
BAR, ROW, LEFT, RIGHT, TOP = 14, 22, 340, 120, 56
SCALE = 130
"""Pixels for a factor of ten."""


@dataclass(frozen=True)
class Comparison:
    """What is divided by what: two cells by name, under a letter of the list of benchmarks we owe."""

    letter: str
    what: str
    ours: str
    theirs: str


@dataclass(frozen=True)
class Ratio:
    """A comparison's outcome: medians over the rounds, each round's two windows side by side.

    `rate` is requests (or deliveries) per second, ours to theirs; `cpu` the CPU each costs, ours to theirs.
    """

    letter: str
    what: str
    rate: float
    lowest_rate: float
    highest_rate: float
    cpu: float | None

    @classmethod
    def of(cls, comparison: Comparison, windows: Mapping[str, Sequence[Window]]) -> "Ratio":
        """Divide round by round."""
        pairs = list(zip(windows[comparison.ours], windows[comparison.theirs], strict=True))
        rates = [ours.rate / theirs.rate for ours, theirs in pairs]
        cpus = [ours.cpu / theirs.cpu for ours, theirs in pairs if theirs.cpu]
        return cls(
            comparison.letter,
            comparison.what,
            statistics.median(rates),
            min(rates),
            max(rates),
            statistics.median(cpus) if cpus else None,
        )


def medians(windows: Sequence[Window]) -> dict[str, float]:
    """Return the median of each figure."""
    return {name: statistics.median(getattr(window, name) for window in windows) for name in asdict(windows[0])}


def table(ratios: Sequence[Ratio]) -> str:
    """Write the ratios as Markdown."""
    lines = ["|   | ratio | requests/s | least to most | CPU a request |", "|---|---|---|---|---|"]
    for ratio in ratios:
        cpu = "" if ratio.cpu is None else _number(ratio.cpu)
        spread = f"{_number(ratio.lowest_rate)} to {_number(ratio.highest_rate)}"
        lines.append(f"| {ratio.letter} | {ratio.what} | {_number(ratio.rate)} | {spread} | {cpu} |")
    return "\n".join(lines)


def figures(windows: Mapping[str, Sequence[Window]]) -> str:
    """Write the absolute figures behind the ratios as Markdown."""
    lines = [
        "| peer: work | requests/s | median, 99 % wait (ms) | CPU server (µs) | CPU database (µs) | CPU load (µs) |",
        "|---|---|---|---|---|---|",
    ]
    for name, found in windows.items():
        each = medians(found)
        lines.append(
            f"| {name} | {each['rate']:,.0f} | {each['median_wait']:.1f}, {each['long_wait']:.1f} "
            f"| {each['server_cpu']:,.0f} | {each['database_cpu']:,.0f} | {each['load_cpu']:,.0f} |"
        )
    return "\n".join(lines)


def save(folder: Path, name: str, content: Mapping[str, Any], ratios: Sequence[Ratio]) -> None:
    """Write a run's JSON and its chart."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / f"{name}.svg").write_text(chart(ratios, str(content.get("title", ""))), encoding="utf-8")


def publish(page: Path, text: str) -> None:
    """Put a run's tables into a page, between the marks that stand there.

    Raises `ValueError` for a page without them.
    """
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no place for figures: {BEGIN} and {END}.")
    page.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}", encoding="utf-8")


def chart(ratios: Sequence[Ratio], title: str) -> str:
    """Draw requests per second, ours to theirs, as bars left and right of one; each step of the grid is tenfold."""
    exponents = [math.log10(ratio.rate) for ratio in ratios]
    low, high = math.floor(min([0.0, *exponents])), math.ceil(max([0.0, *exponents]))
    width, height = LEFT + (high - low) * SCALE + RIGHT, TOP + ROW * len(ratios) + 12
    zero = LEFT - low * SCALE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif">',
        "<style>text { font-size: 12px }</style>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="12" y="20">{html.escape(title)}</text>',
    ]
    for step in range(low, high + 1):
        x = LEFT + (step - low) * SCALE
        color = "#444444" if step == 0 else "#dddddd"
        parts.append(f'<line x1="{x}" y1="{TOP - 8}" x2="{x}" y2="{height - 8}" stroke="{color}"/>')
        parts.append(f'<text x="{x}" y="{TOP - 12}" text-anchor="middle" fill="#444444">{10.0**step:g}</text>')
    for place, (ratio, exponent) in enumerate(zip(ratios, exponents, strict=True)):
        parts += _bar(ratio, TOP + place * ROW, zero, round(exponent * SCALE))
    return "\n".join([*parts, "</svg>", ""])


def _bar(ratio: Ratio, y: int, zero: int, length: int) -> list[str]:
    color = "#2f6f4f" if length >= 0 else "#a34747"
    end = zero + max(length, 0) + 6
    return [
        f'<text x="{LEFT - 330}" y="{y + 12}">({ratio.letter}) {html.escape(ratio.what)}</text>',
        f'<rect x="{zero + min(length, 0)}" y="{y + 1}" width="{abs(length) or 1}" height="{BAR}" fill="{color}"/>',
        f'<text x="{end}" y="{y + 12}">{_number(ratio.rate)}</text>',
    ]


def _number(value: float) -> str:
    """Write a ratio with as many digits as it deserves."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits
