"""The month's view: what came, went to the bank and came back, and how fast, by office."""

from __future__ import annotations

from starlette.responses import Response

from deposits.month_rows import month_view
from records import clock
from web import forms, month_plot
from web.context import Ctx
from web.pages.billing import READERS
from web.rendering import NavItem
from web.routes import Routes

routes = Routes()
NAV = (NavItem("Month", "/month", frozenset(READERS), 28),)


@routes.get("/month", READERS)
def month_page(ctx: Ctx, month: str = "") -> Response:
    """One month of the offices in sight."""
    first = forms.first_of(month) if month.strip() else clock.now().date().replace(day=1)
    with ctx.read() as session:
        shown = month_view(session, first, ctx.offices)
        names = {office.code: office.name for office in ctx.visible_offices(session)}
        return ctx.page(
            "billing/month.html",
            month=shown,
            names=names,
            plot=month_plot.plot(shown.days),
            series=month_plot.SERIES,
        )
