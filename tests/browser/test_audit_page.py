"""The page of a real audit in a real browser: it renders, folds, sorts and filters; the fixture wants no complaint."""

from __future__ import annotations

from pathlib import Path

import pytest

from curate.audit import audit
from curate.io import load
from curate.report.html import render_html
from curate.report.model import Report

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def sms_report(data_dir: Path) -> Report:
    return audit(load(str(data_dir / "sms_spam" / "sms.tsv"), columns=["label", "text"])).report()


def test_every_finding_is_there_and_opens(show, sms_report):
    page = show(sms_report).page
    assert page.locator("h1").inner_text() == sms_report.headline
    assert page.locator(".finding").count() == len(sms_report.findings) >= 8
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.locator("figure.diff").count() >= 10
    assert page.get_by_text("max fraction").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1400


def test_rows_are_searched_sorted_and_filtered(show, sms_report):
    page = show(sms_report).page
    finding = page.locator("details.finding", has=page.locator("h3:text('Repeated texts')"))
    finding.locator("summary").first.click()
    table = finding.locator("figure.table").nth(1)
    table.locator("input").fill("FREEPHONE")
    texts = table.locator("tbody td:nth-child(3)").all_inner_texts()
    assert texts
    assert all("freephone" in text.lower() for text in texts)
    table.locator("input").fill("")
    table.locator("thead button").first.click()
    ids = [int(text) for text in table.locator("tbody td:nth-child(1)").all_inner_texts()]
    assert ids == sorted(ids)
    table.locator("select").first.select_option("spam")
    assert set(table.locator("tbody td:nth-child(2)").all_inner_texts()) == {"spam"}


def test_the_page_is_small(sms_report):
    assert len(render_html(sms_report).encode()) < 2_000_000
