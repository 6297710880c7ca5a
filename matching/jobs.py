"""The stages of matching, for whoever runs jobs."""

from __future__ import annotations

from matching import match, registering, rematching, rereading
from records.jobs import AnyStage

STAGES: tuple[AnyStage, ...] = (registering.STAGE, match.STAGE, rematching.STAGE, rereading.STAGE)
