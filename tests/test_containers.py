"""The container files: no default secrets, health checks, volumes, and commands that exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from web.cli import lockbox

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


def test_web_worker_postgres_and_redis_each_have_a_health_check(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"web", "worker", "postgres", "redis"}
    for name, service in compose["services"].items():
        assert service["healthcheck"]["test"], name


def test_what_must_outlive_a_container_is_in_a_volume(compose: dict[str, Any]) -> None:
    assert set(compose["volumes"]) == {"data", "postgres"}
    assert "data:/data" in compose["services"]["web"]["volumes"]
    assert compose["services"]["worker"]["volumes"] == compose["services"]["web"]["volumes"]


def test_every_password_must_be_given(compose: dict[str, Any]) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("POSTGRES_PASSWORD", "REDIS_PASSWORD"):
        used = re.findall(rf"\$\{{{name}([^}}]*)\}}", text)
        assert used
        assert all(default.startswith(":?") for default in used), name
    assert compose["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${")


def test_nothing_but_the_web_is_published_and_that_only_to_this_machine(
    compose: dict[str, Any],
) -> None:
    published = {name for name, each in compose["services"].items() if each.get("ports")}
    assert published == {"web"}
    assert compose["services"]["web"]["ports"] == ["${LOCKBOX_PUBLISH:-127.0.0.1:8017}:8017"]


def test_the_commands_that_containers_run_exist(compose: dict[str, Any]) -> None:
    context = click.Context(lockbox)
    for name in ("web", "worker"):
        program, command, *_ = compose["services"][name]["command"]
        assert program == "lockbox"
        assert lockbox.get_command(context, command) is not None


def test_the_image_holds_every_package_and_no_test() -> None:
    text = (ROOT / "Dockerfile").read_text()
    packages = ("records", "intake", "ocr", "matching", "deposits", "returned_mail", "web", "bench")
    for package in packages:
        assert f"COPY {package} {package}" in text
    assert "COPY tests" not in text
    assert "USER lockbox" in text
