"""The page of the sample company: its charts as Mermaid reads them, and every part filled from files and truth."""

from pathlib import Path

from tests.benchmarks.sample_page import Line, chart, flow, main, table


def test_a_chart_holds_its_axis_and_its_series() -> None:
    assert chart("Orders", ["23-08", "23-09"], "orders", Line("bar", [10, 20]), Line("line", [5, -1])) == (
        "```mermaid\nxychart-beta\n"
        '    title "Orders"\n    x-axis ["23-08", "23-09"]\n    y-axis "orders" -1 --> 21\n'
        "    bar [10, 20]\n    line [5, -1]\n```\n\n"
    )


def test_a_flow_leaves_out_what_nobody_went() -> None:
    assert flow([("Basket", "Checkout", 3), ("Checkout", "Order", 0)]) == (
        "```mermaid\nsankey-beta\n\nBasket,Checkout,3\n```\n\n"
    )


def test_a_table_has_one_line_a_row() -> None:
    assert table(["a", "b"], [[1, "x"]]) == "| a | b |\n| --- | --- |\n| 1 | x |\n"


def test_every_part_of_the_page_is_filled(tmp_path: Path) -> None:
    output = tmp_path / "page.md"
    assert main(["--scale", "0.005", "--seed", "7", "--output", str(output)]) == 0
    text = output.read_text()
    for part in (
        "Seasons",
        "Cohorts",
        "Paths",
        "Scores and what they are worth",
        "Expectation and reality",
        "Campaigns",
        "Leaving",
    ):
        assert f"## {part}\n" in text
    assert text.count("```") == 2 * 6
    assert "None" not in text
    assert "nan" not in text
