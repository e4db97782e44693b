"""From windows to ratios, a table, a chart and a page."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks.measure import Window
from benchmarks.report import Comparison, Ratio, chart, publish, table


def window(rate: float, cpu: float) -> Window:
    return Window(rate, cpu / 2, cpu / 2, 1.0, 2.0, 3.0)


def test_a_ratio_divides_round_by_round_and_takes_the_median() -> None:
    windows = {
        "ours: Q1": [window(100, 10), window(300, 20), window(80, 30)],
        "theirs: Q1": [window(50, 20), window(100, 40), window(80, 10)],
    }
    ratio = Ratio.of(Comparison("a", "Q1", "ours: Q1", "theirs: Q1"), windows)
    assert (ratio.rate, ratio.lowest_rate, ratio.highest_rate, ratio.cpu) == (2, 1, 3, 0.5)


def test_a_peer_without_cpu_has_no_ratio_of_it() -> None:
    ratio = Ratio.of(Comparison("a", "Q1", "x", "y"), {"x": [window(1, 1)], "y": [window(2, 0)]})
    assert ratio.cpu is None
    assert table([ratio]).splitlines()[-1] == "| a | Q1 | 0.5 | 0.5 to 0.5 |  |"


def test_the_chart_draws_every_ratio_on_the_right_side_of_one() -> None:
    ratios = [Ratio("a", "faster & <better>", 10, 9, 11, None), Ratio("b", "slower", 0.1, 0.1, 0.1, 2)]
    drawing = ET.fromstring(chart(ratios, "A title"))
    bars = [bar for bar in drawing.iter("{http://www.w3.org/2000/svg}rect") if "x" in bar.attrib]
    faster, slower = ((float(bar.attrib["x"]), float(bar.attrib["width"])) for bar in bars)
    assert slower[0] + slower[1] == faster[0]
    assert slower[1] == faster[1] > 0
    texts = [text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert "(a) faster & <better>" in texts


def test_a_page_gets_its_figures_and_keeps_the_rest(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text("before\n<!-- figures: written by `make bench-full` -->\nold\n<!-- end of figures -->\nafter\n")
    publish(page, "new")
    assert page.read_text() == (
        "before\n<!-- figures: written by `make bench-full` -->\n\nnew\n\n<!-- end of figures -->\nafter\n"
    )
    page.write_text("no marks")
    with pytest.raises(ValueError, match="no place for figures"):
        publish(page, "new")
