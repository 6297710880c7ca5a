"""Words laid out as on a page, so that readers of text are tested without pixels."""

from intake.types import Word
from ocr.text import PageText, from_words


def page_of(rows: list[str], *, source: str = "text_layer", slope: float = 0.0) -> PageText:
    """Monospaced rows as a page's text: a character is 12 pixels wide, a row 40 high."""
    words: list[Word] = []
    for number, row in enumerate(rows):
        column = 0
        for part in row.split(" "):
            if part:
                x = 100 + 12 * column
                y = 100 + 40 * number + round(slope * x)
                words.append(Word(part, (x, y, 12 * len(part) - 2, 20), 0.97))
            column += len(part) + 1
    return from_words(0, source, words)
