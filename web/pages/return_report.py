"""The report on returned mail: how much comes back, by whom, through whom, why, what is missing."""

from __future__ import annotations

from starlette.responses import Response

from returned_mail import report
from web.context import Ctx
from web.pages.billing import READERS
from web.rendering import NavItem
from web.return_report import days_of, to_csv
from web.routes import Routes

routes = Routes()
NAV = (NavItem("Return rates", "/returned-mail/report", frozenset(READERS), 32),)


@routes.get("/returned-mail/report", READERS)
def report_page(ctx: Ctx, month: str = "", first: str = "", last: str = "") -> Response:
    """A month, or a span of days, of the offices in sight."""
    begin, end = days_of(month, first, last)
    with ctx.read() as session:
        made = report.report(session, begin, end, ctx.offices)
    ctx.saw("return_report.viewed", "group", f"{begin}..{end}")
    return ctx.page("tasks/report.html", report=made, titles=report.AXES)


@routes.get("/returned-mail/report.csv", READERS)
def report_file(ctx: Ctx, month: str = "", first: str = "", last: str = "") -> Response:
    """The same as a file."""
    begin, end = days_of(month, first, last)
    with ctx.read() as session:
        made = report.report(session, begin, end, ctx.offices)
    ctx.saw("return_report.exported", "group", f"{begin}..{end}")
    return Response(
        to_csv(made),
        media_type="text/csv; charset=utf-8",
        headers={
            "content-disposition": f'attachment; filename="returned-mail-{begin}-{end}.csv"',
            "cache-control": "no-store",
        },
    )
