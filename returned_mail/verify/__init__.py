"""Verifiers of addresses: asked through a queue, answered in one shape, off until set up."""

from returned_mail.verify.asking import answered, ask, requests_of
from returned_mail.verify.types import Question, Verdict, Verified
from returned_mail.verify.words import status

__all__ = [
    "Question",
    "Verdict",
    "Verified",
    "answered",
    "ask",
    "requests_of",
    "status",
]
