"""Pixels become readings."""

from ocr import threads

threads.one_each()
