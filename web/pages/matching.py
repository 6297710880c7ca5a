"""What each kind of evidence proved, and the targets that administrators accept by name."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from starlette.responses import Response

from matching import models, strata
from records.errors import WrongUse
from web.context import Ctx
from web.rendering import NavItem
from web.routes import Routes

VIEWERS = ("admin", "billing", "auditor")
TARGETS = (("", "the group's"), ("0.0001", "1 in 10,000"), ("0.001", "1 in 1,000"),
           ("0.01", "1 in 100"))  # fmt: skip
"""What an office may choose; anything else is said on the command line."""

routes = Routes()
NAV = (NavItem("Matching", "/matching", frozenset(VIEWERS), 65),)


@routes.get("/matching", VIEWERS)
def matching_page(ctx: Ctx) -> Response:
    """Each office of the person with its kinds of evidence."""
    with ctx.read() as session:
        model = models.active(session)
        offices = ctx.visible_offices(session)
        return ctx.page(
            "billing/matching.html",
            model=model.version,
            targets=TARGETS,
            may_accept=ctx.user.role == "admin",
            offices=[(office, strata.evidence(session, office.id, model)) for office in offices],
        )


@routes.post("/matching/{office_code}", ("admin",))
def accept(
    ctx: Ctx,
    office_code: str,
    stratum: Annotated[str, Form(max_length=40)],
    target: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """A named administrator accepts that so many of a kind go wrong."""
    chosen = dict(TARGETS).get(target)
    if chosen is None:
        raise WrongUse("wrong_value", "That target is not one of those offered.", "Choose one.")
    with ctx.write() as session:
        office = ctx.office(session, office_code)
        strata.accept(session, office.id, stratum, float(target) if target else None, ctx.actor)
    return ctx.back("/matching", f"{office_code}: {stratum} goes by {chosen} from now on.")
