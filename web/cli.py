"""The command line: one entry, errors as one line, exit codes as the contract has them."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from records import logs
from records.errors import LockboxError

# Command -> module and attribute. Modules are loaded when asked for: `lockbox --help` must not
# wait for the image libraries.
_COMMANDS: Mapping[str, str] = {
    "read": "reading:read",
    "icl": "cash_letters:icl",
    "era": "reading:era",
    "separator": "reading:separator",
    "demo": "mail:demo",
    "ingest": "mail:ingest",
    "watch": "mail:watch",
    "accounts": "accounts:accounts",
    "statements": "accounts:statements",
    "claims": "claims:claims",
    "held": "denials:held",
    "denials": "denials:denials",
    "account": "accounts:account",
    "queue": "work:queue",
    "task": "work:task",
    "remittance": "remittances:remittance",
    "deposit": "refused:deposit",
    "posting": "postings:posting",
    "bank": "bank:bank",
    "day": "day:day",
    "audit": "system:audit",
    "backup": "system:backup",
    "restore": "system:restore",
    "doctor": "system:doctor",
    "user": "system:user",
    "migrate": "system:migrate",
    "serve": "service:serve",
    "worker": "service:worker",
    "bench": "service:bench",
    "matching": "matching:matching",
    "layouts": "layouts:layouts",
}


class _Commands(click.Group):
    """A group that imports a command's module only when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        where = _COMMANDS.get(cmd_name)
        if where is None:
            return None
        module, _, attribute = where.partition(":")
        command = getattr(importlib.import_module(f"web.commands.{module}"), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{where} is no command")
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="open-lockbox")
def lockbox() -> None:
    """Open Lockbox: a courier's bag of mail to money in the bank and truth in the account.

    Example: lockbox demo && lockbox ingest data/demo/bag/* --office NORTH --wait
    """


def main(arguments: list[str] | None = None) -> None:
    """Run a command; any error is one line on standard error with a code, never a traceback.

    Log lines go to standard error, and only what matters to a person who waits: services set the
    level they want themselves.
    """
    os.umask(0o077)  # whatever a command writes holds patients' mail or money
    logs.configure("ERROR")
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run a command and give its exit code (contract, Conventions)."""
    try:
        result: Any = lockbox.main(arguments, standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except click.Abort:
        click.echo("Stopped. [stopped]", err=True)
        return 130
    except LockboxError as error:
        click.echo(f"{error}", err=True)
        return error.exit_status
    except SQLAlchemyError as error:
        click.echo(
            f"The database refused: {type(error).__name__}. Run `lockbox doctor`. [database_error]",
            err=True,
        )
        return 4
    except OSError as error:
        click.echo(
            f"{error.strerror or error}: {error.filename or ''}. Check the path and its rights. "
            "[file_error]",
            err=True,
        )
        return 3
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    main()
