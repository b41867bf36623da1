"""The page in a real browser: tables, copying, folding, themes; no complaint, no request, no sideways scrolling."""

from __future__ import annotations

import pytest

from curate.measure.slices import Part, section
from curate.measure.units import Units
from curate.measure.verdict import Interval
from curate.report.model import Code, Column, Finding, Report, Section, Table

pytestmark = pytest.mark.browser

XSS = '</script><img src=x onerror="document.title=1"><svg onload=alert(1)>'
FAULTY_LABELS = "figure.table:has(figcaption:text('Rows whose label looks wrong'))"
CONTRAST = """(elements) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const bytes = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (color) => bytes(color).slice(0, 3).map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const color = getComputedStyle(node).backgroundColor;
      if (bytes(color)[3] === 255) return color;
    }
  };
  return elements.filter((node) => node.getClientRects().length && node.textContent.trim()).map((node) => {
    const pair = [light(getComputedStyle(node).color), light(behind(node))].sort((a, b) => b - a);
    return [(pair[0] + 0.05) / (pair[1] + 0.05), node.className + " " + node.textContent.slice(0, 30)];
  });
}"""


def column(table, place):
    return table.locator(f"tbody td:nth-child({place})").all_inner_texts()


def status(table):
    return table.locator(".status").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 800, 1400])
@pytest.mark.parametrize("name", ["audit_report", "measure_report"])
def test_pages_fit_their_width_with_every_finding_open(show, request, name, width, scheme):
    page = show(request.getfixturevalue(name), viewport={"width": width, "height": 800}, color_scheme=scheme).page
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").inner_text()
    assert page.locator("nav.contents").is_visible() == (width == 1400)


def test_rows_are_sorted_up_down_and_back(show, audit_report):
    table = show(audit_report).page.locator(FAULTY_LABELS)
    first = column(table, 1)
    head = table.get_by_role("button", name="score")
    head.click()
    rising = [float(text.removesuffix(" %")) for text in column(table, 5)]
    assert rising == sorted(rising)
    assert table.locator("th").nth(4).get_attribute("aria-sort") == "ascending"
    head.press("Enter")
    falling = [float(text.removesuffix(" %")) for text in column(table, 5)]
    assert falling == sorted(falling, reverse=True)
    assert falling[0] > rising[-1]
    head.press("Enter")
    assert column(table, 1) == first


def test_ids_and_unknown_values_sort_exactly(show):
    ids = [2**63 + 2, 9, 2**63 + 1, 10]
    rows = tuple(zip(ids, [0.5, None, float("nan"), -1.0], strict=True))
    table = Table((Column("row", "id"), Column("score", "number")), rows)
    page = show(Report("t", "audit", "h", sections=(Section("s", (table,)),))).page
    page.get_by_role("button", name="row").click()
    assert column(page, 1) == ["9", "10", str(2**63 + 1), str(2**63 + 2)]
    page.get_by_role("button", name="score").click()
    assert column(page, 2)[:2] == ["-1", "0.5"]
    page.get_by_role("button", name="score").click()
    assert column(page, 2)[:2] == ["0.5", "-1"]


def test_rows_are_searched_and_filtered_together(show, audit_report):
    table = show(audit_report).page.locator(FAULTY_LABELS)
    assert status(table) == "1–10 of 372 rows"
    table.get_by_role("searchbox").fill("CASSINI")
    assert all("Cassini" in text for text in column(table, 2))
    assert table.locator("mark").first.inner_text() == "Cassini"
    table.get_by_label("Filter by given").select_option(label="Sports")
    assert set(column(table, 3)) == {"Sports"}
    assert all("Cassini" in text for text in column(table, 2))
    table.get_by_role("searchbox").fill("no row says this")
    assert table.locator("tbody").inner_text() == "No row matches."
    assert status(table) == "0 rows"


def test_pages_turn_and_stop_at_both_ends(show, audit_report):
    table = show(audit_report).page.locator(FAULTY_LABELS)
    back, forth = table.get_by_role("button", name="Previous"), table.get_by_role("button", name="Next")
    assert back.is_disabled()
    seen = column(table, 1)
    for _ in range(37):
        forth.click()
        seen += column(table, 1)
    assert forth.is_disabled()
    assert status(table) == "371–372 of 372 rows"
    assert [int(text) for text in seen] == [number * 37 for number in range(372)]


def test_ten_thousand_rows_are_searched_at_once(show):
    rows = tuple((number, f"row number {number}") for number in range(10_000))
    table = Table((Column("row", "id"), Column("text")), rows)
    page = show(Report("t", "audit", "h", sections=(Section("s", (table,)),))).page
    page.get_by_role("searchbox").fill("number 9999")
    assert status(page) == "1 row"


def test_a_recipe_is_copied_exactly(show):
    recipe = "steps:\n  - use: clean.html   # <b> & 'c'\n"
    report = Report("t", "audit", "h", sections=(Section("s", (Code(recipe),)),))
    page = show(report, permissions=["clipboard-read", "clipboard-write"]).page
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == recipe


def test_findings_fold_and_are_found_by_their_address(show, audit_report):
    page = show(audit_report).page
    opened = page.locator("details.finding[open]")
    assert opened.count() == 3
    page.get_by_role("button", name="Open all").click()
    assert opened.count() == 7
    page.get_by_role("button", name="Close all").click()
    assert opened.count() == 0
    page.locator("nav a", has_text="Classes differ").click()
    opened.wait_for()  # one; the page hears of its new address after the click is done
    assert page.get_by_text("6,120 (51 %)").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_follows_the_system_and_the_button_and_is_kept(show, audit_report, scheme):
    page = show(audit_report, color_scheme=scheme).page

    def is_dark():
        color = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in color.removeprefix("rgb(").removesuffix(")").split(",")) < 200

    assert is_dark() == (scheme == "dark")
    page.get_by_role("button", name="Change between light and dark").click()
    assert is_dark() == (scheme == "light")
    page.reload()
    assert is_dark() == (scheme == "light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["audit_report", "measure_report"])
def test_all_text_stands_out_from_its_ground(show, request, name, scheme):
    page = show(request.getfixturevalue(name), color_scheme=scheme).page
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    texts = (
        "h1, h2, h3, p, a, dt, dd, td, th button, small, .badge, del, ins, .cut, .status, .label, .value, pre, .quiet"
    )
    weak = [pair for pair in page.locator(texts).evaluate_all(CONTRAST) if pair[0] < 4.5]
    assert weak == []


def test_hostile_rows_stay_text(show):
    table = Table((Column(XSS), Column("label", "code")), ((XSS, XSS), ("plain", "b")), XSS)
    finding = Finding(XSS, "high", XSS, XSS, XSS, XSS, 1, XSS, (table,))
    opened = show(Report(XSS, XSS, XSS, sections=(Section(XSS, (finding,)),)))
    page = opened.page
    assert page.locator("img").count() == 0
    assert page.title() == f"{XSS} – {XSS}"
    page.get_by_role("searchbox").fill("</SCRIPT><img")
    page.get_by_label("Filter by label").select_option(label=XSS)
    assert column(page, 1) == [XSS]


def test_long_cells_unfold_and_every_bidirectional_text_keeps_to_its_cell(show):
    table = Table((Column("text"), Column("n", "number")), (("long " * 5000, 1), ("שלום \u202e עולם", 2)))
    page = show(
        Report("t", "audit", "h", sections=(Section("s", (table,)),)), viewport={"width": 400, "height": 800}
    ).page
    folded = page.locator("tbody tr").first.bounding_box()["height"]
    page.get_by_role("button", name="Show all").click()
    assert page.locator("tbody tr").first.bounding_box()["height"] > 3 * folded
    assert "more characters" in page.locator("td").first.inner_text()
    assert "⟨U+202E⟩" in page.locator("tbody").inner_text()


def test_without_scripts_the_first_rows_are_still_there(show, audit_report):
    page = show(audit_report, java_script_enabled=False).page
    assert page.locator("figure.table").first.locator("tbody tr").count() == 10
    assert page.locator("button:visible").count() == 0


def test_on_paper_every_finding_is_open_and_nothing_can_be_pressed(show, audit_report):
    page = show(audit_report).page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.finding:not([open])").count() == 0
    assert page.locator("button:not(th button):visible").count() == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(252, 252, 250)"


def test_the_effects_on_parts_fit_a_page_of_1200_pixels(show):
    whole, points = Interval(low=-0.1397, high=0.1176), Units("accuracy", "points", 100.0, 0.005)
    parts = [
        Part("labels.drop_issues", "accuracy", by, part, 1121, 0.717, -0.0727, whole, 0.0004, 0.00037)
        for by, part in (("class", "ENTY"), ("length", "1,029 to 1,139 characters"))
    ]
    page = show(
        Report("t", "measure", "h", sections=(section(parts, points),)), viewport={"width": 1200, "height": 800}
    )
    box = page.page.locator(".scroll")
    assert box.evaluate("(one) => one.scrollWidth - one.clientWidth") <= 0
    assert box.get_by_text("0.00037").first.is_visible()
