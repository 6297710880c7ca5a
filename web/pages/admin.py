"""Administration: offices, bank accounts and people. Only for administrators of all offices."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.responses import Response

from deposits import bank_setup, icl
from records import audit
from records.models import BankAccount, Office, User
from records.models.group import ROLES
from web import forms, group, people
from web.context import Context, Ctx, Typed
from web.rendering import NavItem
from web.routes import GROUP_ADMIN, Routes

routes = Routes()
NAV = (NavItem("Admin", "/admin", frozenset({"admin"}), 90),)
Text = Annotated[str, Form(max_length=200)]
Texts = Annotated[list[str], Form()]
OWN_PROFILE = "own"
DEPOSIT_TEXTS = ("endorsement", "origin_name", "origin_routing", "destination_name",
                 "destination_routing", "contact_name", "contact_phone")  # fmt: skip


@routes.get("/admin", GROUP_ADMIN)
def overview(ctx: Ctx) -> Response:
    """Everybody and everything at a glance, with the forms to add more."""
    with ctx.read() as session:
        return ctx.page("admin/overview.html", **_lists(session))


@routes.post("/admin/users", GROUP_ADMIN)
def add_user(
    ctx: Ctx,
    username: Text,
    display_name: Text,
    role: Text,
    password: Annotated[str, Form(max_length=1000)],
    offices: Texts = [],  # noqa: B006 - FastAPI
) -> Response:
    """Add a person."""
    with ctx.write() as session:
        people.add_user(
            session,
            username.strip().lower(),
            role=role,
            display_name=display_name,
            password=password,
            office_ids=_office_ids(session, offices),
            all_offices="all" in offices,
            actor=ctx.actor,
        )
    return ctx.back("/admin", f"{username} may log in now.")


@routes.get("/admin/users/{username}", GROUP_ADMIN)
def user_page(ctx: Ctx, username: str) -> Response:
    """One person."""
    with ctx.read() as session:
        return ctx.page("admin/user.html", user=_user(session, username), **_lists(session))


@routes.post("/admin/users/{username}", GROUP_ADMIN)
def change_user(
    ctx: Ctx,
    username: str,
    display_name: Text,
    role: Text,
    active: Text = "",
    offices: Texts = [],  # noqa: B006 - FastAPI copies the default
) -> Response:
    """Change a person's name, role and offices, or switch the person off."""
    with ctx.write() as session:
        group.change_user(
            session,
            _user(session, username),
            role=role,
            display_name=display_name,
            office_ids=_office_ids(session, offices),
            all_offices="all" in offices,
            active=active == "yes",
            actor=ctx.actor,
        )
    return ctx.back("/admin", f"{username} is changed.")


@routes.post("/admin/users/{username}/password", GROUP_ADMIN)
def reset_password(
    ctx: Ctx, username: str, password: Annotated[str, Form(max_length=1000)]
) -> Response:
    """Give a person a new password."""
    with ctx.write() as session:
        group.set_password(session, _user(session, username), password, ctx.actor)
    return ctx.back("/admin", f"{username} has a new password and is logged out everywhere.")


@routes.post("/admin/offices", GROUP_ADMIN)
def add_office(ctx: Ctx, form: Typed) -> Response:
    """Add an office."""
    typed = _office_form(form)
    with ctx.write() as session:
        made = group.save_office(session, None, typed, ctx.actor).name
    return ctx.back("/admin", f"{made} is added.")


@routes.get("/admin/offices/{office_code}", GROUP_ADMIN)
def office_page(ctx: Ctx, office_code: str) -> Response:
    """One office."""
    with ctx.read() as session:
        return ctx.page(
            "admin/office.html",
            office=_office(session, office_code),
            formats=group.POSTING_FORMATS,
            texts=group.OFFICE_TEXTS,
            **_lists(session),
        )


@routes.post("/admin/offices/{office_code}", GROUP_ADMIN)
def change_office(ctx: Ctx, office_code: str, form: Typed) -> Response:
    """Change an office."""
    typed = _office_form(form)
    with ctx.write() as session:
        group.save_office(session, _office(session, office_code), typed, ctx.actor)
    return ctx.back("/admin", f"{office_code} is changed.")


@routes.post("/admin/bank-accounts", GROUP_ADMIN)
def add_bank_account(ctx: Ctx, form: Typed) -> Response:
    """Add a bank account."""
    typed = _bank_form(form)
    with ctx.write() as session:
        group.save_bank_account(session, None, typed, ctx.actor)
    return ctx.back("/admin", f"{typed.code} is added.")


@routes.get("/admin/new-bank-account", GROUP_ADMIN)
def new_bank_account(ctx: Ctx) -> Response:
    """The form for a bank account."""
    return ctx.page("admin/bank_account.html", bank=None, number="", settings=None, profiles=())


@routes.get("/admin/bank-accounts/{bank_account}", GROUP_ADMIN)
def bank_account_page(ctx: Ctx, bank_account: str) -> Response:
    """One bank account, its number as the last four digits."""
    with ctx.read() as session:
        return _bank_page(ctx, _bank(session, bank_account))


@routes.post("/admin/bank-accounts/{bank_account}", GROUP_ADMIN)
def change_bank_account(ctx: Ctx, bank_account: str, form: Typed) -> Response:
    """Change a bank account; an empty number keeps the held one."""
    typed = _bank_form(form)
    with ctx.write() as session:
        group.save_bank_account(session, _bank(session, bank_account), typed, ctx.actor)
    return ctx.back("/admin", f"{bank_account} is changed.")


@routes.post("/admin/bank-accounts/{bank_account}/reveal", GROUP_ADMIN)
def reveal(ctx: Ctx, bank_account: str) -> Response:
    """Show the whole account number once; who did so is written down first."""
    with ctx.write() as session:
        audit.record(
            session,
            actor=ctx.actor,
            action="bank_account.revealed",
            subject_kind="bank_account",
            subject_id=_bank(session, bank_account).id,
        )
    with ctx.read() as session:
        bank = _bank(session, bank_account)
        return _bank_page(ctx, bank, str(bank.sealed.get("account_number", "")))


@routes.post("/admin/bank-accounts/{bank_account}/deposits", GROUP_ADMIN)
def set_up_deposits(ctx: Ctx, bank_account: str, form: Typed) -> Response:
    """Say how the account's deposits reach the bank, what is printed on backs, how long paper lies.

    A profile of the group's own stays unless another is chosen.
    """
    values: dict[str, Any] = {
        name: _text(form, name).strip() for name in DEPOSIT_TEXTS if name in form
    }
    values["white_backs"] = _text(form, "white_backs") == "yes"
    values["test"] = _text(form, "test") == "yes"
    days = forms.optional_count(_text(form, "paper_days"), "The days")
    if days is not None:
        values["paper_days"] = days
    if _text(form, "profile") != OWN_PROFILE:
        values["profile"] = _text(form, "profile")
    with ctx.write() as session:
        bank = _bank(session, bank_account)
        if values.get("profile") == "":
            values["profile_text"] = ""
        bank_setup.set_up(session, bank, values, ctx.actor)
        code = bank.code
    return ctx.back(f"/admin/bank-accounts/{code}", "How its deposits reach the bank is set.")


def _bank_page(ctx: Context, bank: BankAccount, number: str = "") -> Response:
    settings = bank_setup.settings_of(bank)
    own = [(OWN_PROFILE, f"the group's own: {settings.profile}")] if settings.profile_text else []
    named = [(name, icl.named(name).title) for name in icl.names()]
    return ctx.page(
        "admin/bank_account.html",
        bank=bank,
        number=number,
        settings=settings,
        profiles=[("", "none: checks are carried to the bank"), *own, *named],
        chosen=OWN_PROFILE if settings.profile_text else settings.profile,
    )


def _lists(session: Session) -> dict[str, Any]:
    return {
        "users": session.scalars(select(User).order_by(User.username)).all(),
        "offices": session.scalars(select(Office).order_by(Office.name)).all(),
        "banks": session.scalars(select(BankAccount).order_by(BankAccount.code)).all(),
        "roles": ROLES,
    }


def _user(session: Session, username: str) -> User:
    return session.scalars(select(User).where(User.username == username)).one()


def _office(session: Session, code: str) -> Office:
    return session.scalars(select(Office).where(Office.code == code)).one()


def _bank(session: Session, key: str) -> BankAccount:
    return session.scalars(
        select(BankAccount).where((BankAccount.code == key) | (BankAccount.id == key))
    ).one()


def _office_ids(session: Session, chosen: list[str]) -> list[str]:
    """The ids among what a form sent that are offices."""
    return list(session.scalars(select(Office.id).where(Office.id.in_(chosen))))


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _office_form(form: FormData) -> group.OfficeForm:
    return group.OfficeForm(
        code=_text(form, "code"),
        name=_text(form, "name"),
        bank_account_id=_text(form, "bank_account_id"),
        active=_text(form, "active") != "no",
        texts={name: _text(form, name) for name in group.OFFICE_TEXTS if name in form},
        payees=_text(form, "payees").splitlines(),
        posting_format=_text(form, "posting_format") or "csv",
    )


def _bank_form(form: FormData) -> group.BankForm:
    return group.BankForm(
        code=_text(form, "code"),
        name=_text(form, "name"),
        routing_number=_text(form, "routing_number").strip(),
        account_number=_text(form, "account_number").strip(),
        zone=_text(form, "zone").strip() or "America/New_York",
        cut_off=forms.clock_time(_text(form, "cut_off") or "17:00", "The cut-off"),
        item_limit_cents=forms.optional_cents(_text(form, "item_limit"), "The item limit"),
        deposit_limit_cents=forms.optional_cents(_text(form, "deposit_limit"), "The deposit limit"),
        day_limit_cents=forms.optional_cents(_text(form, "day_limit"), "The day limit"),
        item_count_limit=forms.optional_count(_text(form, "item_count_limit"), "The number"),
    )
