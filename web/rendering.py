"""Pages from templates: one environment, the filters every page uses, and the menu by role."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request

from records.money import Money
from web.auth import Viewer

STATIC: Final = Path(__file__).parent / "static"
TEMPLATES: Final = Path(__file__).parent / "templates"
_UNKNOWN: Final = "\N{EN DASH}"
HTMX: Final = "htmx-4.0.1.min.js"


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the menu, shown to ``roles``; lower ``order`` stands further left."""

    label: str
    path: str
    roles: frozenset[str]
    order: int = 50

    def is_current(self, path: str) -> bool:
        """Whether the page at ``path`` belongs under this entry."""
        return path == self.path or path.startswith(self.path.rstrip("/") + "/")


_TONES: Final = {
    **dict.fromkeys(
        (
            "done",
            "settled",
            "approved",
            "credited",
            "acknowledged",
            "resolved",
            "decided",
            "deposited",
            "received",
            "posted",
            "active",
            "closed",
        ),
        "good",
    ),
    **dict.fromkeys(
        (
            "in_review",
            "awaiting_review",
            "open",
            "leased",
            "unmatched",
            "unknown",
            "handed_over",
            "not_deposited",
            "closed_unresolved",
        ),
        "warn",
    ),
    **dict.fromkeys(
        ("quarantined", "dead", "failed", "returned", "cancelled", "rejected", "refused"), "bad"
    ),
    **dict.fromkeys(
        (
            "decoded",
            "split",
            "read",
            "running",
            "queued",
            "exported",
            "in_deposit",
            "depositable",
            "picked_up",
            "in_progress",
            "electronic",
        ),
        "info",
    ),
}
_LABELS: Final = {
    "csv": "CSV",
    "x12_835": "X12 835",
    "npi": "NPI",
    "tax_id": "Tax ID",
    "zip": "ZIP",
}
_menu: list[NavItem] = []


def set_menu(items: list[NavItem]) -> None:
    """Make these the entries of the menu."""
    _menu[:] = sorted(items, key=lambda item: item.order)


def menu_for(role: str) -> list[NavItem]:
    """The entries this role sees."""
    return [item for item in _menu if role in item.roles]


def render(
    request: Request,
    template: str,
    viewer: Viewer | None,
    notice: tuple[str, str] | None,
    values: Mapping[str, Any],
) -> str:
    """The text of one template with the person, the menu and the notice at hand."""
    menu = menu_for(viewer.role) if viewer else []
    return (
        environment()
        .get_template(template)
        .render(
            request=request,
            path=request.url.path,
            viewer=viewer,
            menu=menu,
            notice=notice,
            **values,
        )
    )


@cache
def environment() -> Environment:
    """The template environment: everything escaped, an unknown name is an error."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (money, day, instant, words, person, tone, pairs, pair, dollars, label)
    env.filters.update({each.__name__: each for each in filters})
    env.globals.update(asset=asset, integrity=integrity, with_query=with_query, HTMX=HTMX)
    return env


def money(cents: int | None) -> str:
    """``$1,234.50``; a dash for an amount nobody knows yet."""
    return _UNKNOWN if cents is None else str(Money(cents))


def day(value: date | None) -> str:
    """``2026-03-09``; a dash for none."""
    return _UNKNOWN if value is None else value.isoformat()[:10]


def instant(value: datetime | None) -> Markup:
    """A time element in UTC; the browser's script turns it into local time."""
    if value is None:
        return escape(_UNKNOWN)
    utc = value.astimezone(UTC)
    return Markup('<time datetime="{}">{} UTC</time>').format(
        utc.isoformat(timespec="seconds"), utc.strftime("%Y-%m-%d %H:%M")
    )


def words(code: str) -> str:
    """A code as words: ``awaiting_review`` becomes ``awaiting review``."""
    return code.replace("_", " ").replace(".", " ")


def tone(state: str) -> str:
    """The colour of a state's chip: good, warn, bad, info, or none for neutral."""
    return _TONES.get(state, "")


def person(actor: str) -> str:
    """``maria`` for ``user:maria``; a system's name as it is."""
    return actor.removeprefix("user:")


def pairs(
    rows: Iterable[object], value: str, text: str, *, blank: bool = False
) -> list[tuple[str, str]]:
    """Options of a choice from two attributes of rows, with an empty first one when ``blank``."""
    options = [(str(getattr(row, value)), str(getattr(row, text))) for row in rows]
    return [("", "Choose"), *options] if blank else options


def pair(code: str) -> tuple[str, str]:
    """One option of a choice from a code."""
    return code, _LABELS.get(code, words(code).capitalize())


def label(code: str) -> str:
    """A code as a field's label."""
    return pair(code)[1]


def dollars(cents: int | None) -> str:
    """``1234.50`` for a field to type in; nothing for none."""
    return "" if cents is None else Money(cents).plain()


def asset(name: str) -> str:
    """The address of a static file; it changes with the file's content."""
    return f"/static/{name}?v={_short_hash(name)}"


def integrity(name: str) -> str:
    """The recorded SHA-384 of a vendored script; the browser refuses any other content."""
    recorded: dict[str, str] = json.loads((STATIC / "vendor" / "hashes.json").read_text())
    return recorded[name]


def with_query(path: str, **values: object) -> str:
    """A path with query values; empty ones are left out."""
    kept = {key: value for key, value in values.items() if value not in (None, "")}
    return f"{path}?{urlencode(kept)}" if kept else path


@cache
def _short_hash(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
