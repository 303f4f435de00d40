"""What can be said of the page without a browser; tests/web/test_findings_map.py opens it."""

from __future__ import annotations

import json
import re

import html5lib

from corridormap.checks.report import write

DATA = re.compile(r'<script type="application/json" id="corridormap-data">(.*?)</script>')


def test_it_is_valid_html_that_asks_for_nothing(plain_report):
    page = write(plain_report, format="html")
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(page)
    assert not re.search(r'<(link|script|img)[^>]+(src|href)="(?!data:)', page)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert "default-src &#x27;none&#x27;" in policy
    assert "unsafe" not in policy


def test_a_small_report_is_a_small_page_that_credits_nobody(plain_report):
    page = write(plain_report, format="html")
    assert len(page.encode()) < 60_000
    assert "OpenStreetMap" not in page
    assert "Leaflet" not in page


def test_the_page_holds_the_findings(plain_report):
    data = json.loads(DATA.search(write(plain_report, format="html"))[1])
    rows = [dict(zip(data["columns"], row, strict=True)) for row in data["rows"]]
    assert [data["texts"][row["code"]] for row in rows] == ["CM215", "CM302", "CM311", "CM405", "CM501"]
    assert rows[0]["lon"] == 66.91
    assert rows[4]["file"] is None
    assert data["rules"].keys() <= {"CM215", "CM302", "CM311", "CM405", "CM501"}
    assert data["summary"].endswith("3 more findings not shown)")


def test_hostile_texts_end_no_element(make_hostile, harm):
    for text in harm:
        page = write(make_hostile(text), format="html")
        html5lib.HTMLParser(strict=True).parse(page)
        data = DATA.search(page)[1]
        assert not set("<>&") & set(data)
        json.loads(data)
