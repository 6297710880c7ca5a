"""The demo draws mail of exactly so many checks for one deposit, no check twice, all with backs."""

from __future__ import annotations

from web.demo.check_mail import check_files
from web.demo.group import make_group


def test_so_many_checks_are_drawn_each_once_and_with_its_back() -> None:
    told: list[int] = []
    (file,) = check_files(make_group(7, accounts=200), 7, 6, "NORTH", told.append)
    documents = [each for envelope in file.transactions for each in envelope.documents]
    checks = [each for each in documents if each["kind"] == "check"]
    assert len(checks) == sum(told) == 6
    assert len({each["fields"]["micr_line"] for each in checks}) == 6
    assert all(each["page_kinds"] == ["check", "check_back"] for each in checks)
    placed = sorted(page for each in documents for page in each["pages"])
    blank = [page for envelope in file.transactions for page in envelope.blank_pages]
    assert sorted([*placed, *blank, *file.separator_pages]) == list(range(file.pages))
