"""What each kind of evidence proved, alarms, and what administrators accept by name."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from starlette.responses import Response

from matching import models, proofs, strata, watching
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
            offices=[
                (
                    office,
                    proofs.evidence(session, office.id, model),
                    watching.watched(session, office.id),
                )
                for office in offices
            ],
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


@routes.post("/matching/{office_code}/looked", ("admin",))
def looked(ctx: Ctx, office_code: str) -> Response:
    """A named administrator has looked into readings that are out of line; they are the measure
    from now on."""
    with ctx.write() as session:
        office = ctx.office(session, office_code)
        found = watching.looked(session, office.id, ctx.actor)
    return ctx.back("/matching", f"{office_code}: looked into; {', '.join(found)} counted afresh.")
