"""What was worked out of a page's text is kept for a whole document, and no longer than needed."""

from __future__ import annotations

from ocr.page_memo import keeping, kept_for_page
from ocr.text import PageText


def texts(count: int) -> list[PageText]:
    return [PageText(page, "text_layer", (), (), 0.0) for page in range(count)]


def test_each_page_of_a_long_document_is_worked_out_once() -> None:
    worked: list[int] = []

    @kept_for_page
    def work(text: PageText) -> int:
        worked.append(text.page)
        return text.page

    pages = texts(300)
    with keeping(len(pages)):
        for _ in range(3):
            assert [work(page) for page in pages] == list(range(300))
    assert len(worked) == 300


def test_after_a_long_document_little_is_kept() -> None:
    worked: list[int] = []

    @kept_for_page
    def work(text: PageText) -> int:
        worked.append(text.page)
        return text.page

    pages = texts(300)
    with keeping(len(pages)):
        for page in pages:
            work(page)
    work(texts(1)[0])
    worked.clear()
    for page in reversed(pages):
        work(page)
    assert len(worked) > 250
