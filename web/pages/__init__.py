"""Pages for people: one file per area, found by itself.

A page file declares ``routes = Routes()`` and ``NAV`` (its entries in the menu), and handlers:

    @routes.get("/things/{file_ref}", STAFF)
    def thing(ctx: Ctx, file_ref: str) -> Response:
        with ctx.read() as session:
            return ctx.page("things/thing.html", row=...)

Every route names its roles. A thing in the path is checked against the person's offices by the
parameter's name (``web.scope``). Lists are narrowed with ``ctx.within(query, Model.office_id)``.
Changes happen in ``with ctx.write() as session:`` and answer ``ctx.back(path, notice)``; a
LockboxError raised anywhere becomes a page, or JSON for the API. A page that shows patient data
calls ``ctx.saw(action, kind, id)``. Templates extend ``base.html`` and import ``ui.html``.
"""
