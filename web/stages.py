"""All stages, for the runners: the one place that knows them together."""

from __future__ import annotations

from deposits.jobs import STAGES as DEPOSITS
from intake.jobs import STAGES as INTAKE
from matching.jobs import STAGES as MATCHING
from ocr.jobs import STAGES as OCR
from returned_mail.jobs import STAGES as RETURNED_MAIL

ALL_STAGES = (*INTAKE, *OCR, *MATCHING, *RETURNED_MAIL, *DEPOSITS)
