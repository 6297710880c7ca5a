"""The stages of matching, for whoever runs jobs."""

from __future__ import annotations

from matching import match, registering
from records.jobs import AnyStage

STAGES: tuple[AnyStage, ...] = (registering.STAGE, match.STAGE)
