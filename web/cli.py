"""The command line: one entry, errors as one line, exit codes as the contract has them."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from typing import Any

import click

from records.errors import LockboxError

# Command -> module and attribute, and what it does in a line. Modules are loaded when asked for:
# `lockbox --help` must not wait for the tables and the image libraries of thirty commands.
_COMMANDS: Mapping[str, tuple[str, str]] = {
    "read": (
        "reading:read",
        "Read checks, remittances, coupons and returned mail, without a database.",
    ),
    "icl": ("cash_letters:icl", "Look at image cash letters (X9.37, X9.100-187)."),
    "era": ("reading:era", "Read, check and write electronic remittances (X12 835)."),
    "separator": ("reading:separator", "Print sheets to lay between envelopes."),
    "demo": (
        "mail:demo",
        "Build a group with offices, accounts, statements and a bag of mail; print the logins.",
    ),
    "ingest": ("mail:ingest", "Take files, or folders of them, in."),
    "watch": ("mail:watch", "Take files a scanner drops into a folder."),
    "accounts": ("accounts:accounts", "Patient accounts."),
    "statements": ("mailed:statements", "Statements."),
    "claims": ("claims:claims", "Claims sent to insurers."),
    "held": ("denials:held", "Parts of payments that wait for a place."),
    "denials": ("denials:denials", "What insurers did not pay."),
    "account": ("accounts:account", "One account."),
    "queue": ("work:queue", "The review queue."),
    "task": ("work:task", "Address tasks."),
    "verifier": ("verifiers:verifier", "Verifiers of addresses; all are off until set up."),
    "remittance": ("remittances:remittance", "EOBs and ERAs and the money they explain."),
    "deposit": ("refused:deposit", "Deposits."),
    "posting": ("postings:posting", "Postings for the practice-management system."),
    "acs": ("acs:acs", "Address change notices of the Postal Service."),
    "changes": ("changes:changes", "Addresses and notes for the practice-management system."),
    "bank": ("bank:bank", "The bank's files: BAI2, OFX, camt.053, CSV, X9 returns."),
    "day": ("day:day", "The day's proof."),
    "audit": ("system:audit", "The audit chain."),
    "backup": ("system:backup", "Write database, files and keys into one archive."),
    "restore": ("system:restore", "Restore an archive into an empty LOCKBOX_DATA_DIR."),
    "doctor": ("system:doctor", "What is missing on this machine and how to get it."),
    "user": ("system:user", "People."),
    "migrate": ("system:migrate", "Bring the database to this version's tables."),
    "serve": ("service:serve", "Migrate, then serve the pages and run the jobs."),
    "worker": (
        "service:worker",
        "Run jobs here: woken by Redis when LOCKBOX_REDIS_URL is set, by polling otherwise.",
    ),
    "bench": ("service:bench", "Measure on seeded data with known truth."),
    "matching": ("matching:matching", "Matching."),
    "layouts": ("layouts:layouts", "Layouts of payers' remittances, as people taught them."),
}


class _Commands(click.Group):
    """A group that imports a command's module only when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        where, _ = _COMMANDS[cmd_name]
        module, _, attribute = where.partition(":")
        command = getattr(importlib.import_module(f"web.commands.{module}"), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{where} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in _COMMANDS.items()])


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
    words = sys.argv[1:] if arguments is None else arguments
    if words and not words[0].startswith("-"):  # the list of commands logs nothing
        from records import logs  # noqa: PLC0415 - and need not wait for what writes logs

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
    except OSError as error:
        click.echo(
            f"{error.strerror or error}: {error.filename or ''}. Check the path and its rights. "
            "[file_error]",
            err=True,
        )
        return 3
    except Exception as error:
        if not _is_of_the_database(error):
            raise
        click.echo(
            f"The database refused: {type(error).__name__}. Run `lockbox doctor`. [database_error]",
            err=True,
        )
        return 4
    return result if isinstance(result, int) else 0


def _is_of_the_database(error: Exception) -> bool:
    """Whether SQLAlchemy raised it; where that was never loaded it did not."""
    loaded = sys.modules.get("sqlalchemy.exc")
    return loaded is not None and isinstance(error, loaded.SQLAlchemyError)


if __name__ == "__main__":
    main()
