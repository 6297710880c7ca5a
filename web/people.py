"""Adding people: names, roles, offices and first passwords, checked in one place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit
from records.errors import Conflict, WrongUse
from records.models import Office, User
from records.models.group import ROLES
from web import auth

SHORTEST_PASSWORD = 10
_USERNAME = re.compile(r"^[a-z][a-z0-9._-]{1,58}$")


def add_user(
    session: Session,
    username: str,
    *,
    role: str,
    display_name: str,
    password: str,
    office_ids: Sequence[str],
    all_offices: bool,
    actor: str,
) -> User:
    """Add a person who may log in.

    Raises WrongUse for a name, role or password that will not do, or nobody's offices;
    Conflict ``user_exists`` when the name is taken.
    """
    if not _USERNAME.match(username):
        raise WrongUse(
            "wrong_username",
            f"{username!r} is no user name.",
            "Use 2 to 59 small letters, digits, dots or dashes.",
        )
    if role not in ROLES:
        raise WrongUse("unknown_role", f"There is no role {role}.", f"Use {', '.join(ROLES)}.")
    if not display_name.strip():
        raise WrongUse("no_name", "The person's name is missing.", "Type it.")
    check_password(password)
    if not office_ids and not all_offices:
        raise WrongUse(
            "no_office", "This person would see no office.", "Name an office, or give all offices."
        )
    if session.scalar(select(User.id).where(User.username == username)):
        raise Conflict("user_exists", f"There is a user {username} already.", "Use another name.")
    user = User(
        username=username,
        role=role,
        display_name=display_name.strip()[:120],
        password_hash=auth.hash_password(password),
        all_offices=all_offices,
        offices=list(session.scalars(select(Office).where(Office.id.in_(office_ids)))),
    )
    session.add(user)
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="user.added",
        subject_kind="user",
        subject_id=user.id,
        detail={"username": username, "role": role},
    )
    return user


def check_password(password: str) -> None:
    """Refuse a password that is too short; WrongUse ``short_password``."""
    if len(password) < SHORTEST_PASSWORD:
        raise WrongUse(
            "short_password",
            f"The password has under {SHORTEST_PASSWORD} characters.",
            "Use a longer one; several words do well.",
        )
