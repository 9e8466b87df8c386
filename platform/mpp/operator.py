"""What every command of the operator's shares: its settings, who acts, and failures in one line."""

from __future__ import annotations

import functools
import getpass
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click
from psycopg import Error as DriverError
from sqlalchemy.exc import SQLAlchemyError

from mpp.audit import Actor, actor
from mpp.settings import SettingsError, load_settings


def with_settings(
    *expected: type[Exception],
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command its settings; each `expected` failure becomes one line on standard error and exit 1."""
    one_line: tuple[type[Exception], ...] = (SettingsError, *expected)

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def run(*args: Any, **options: Any) -> None:
            token = actor.set(Actor("system", None, f"operator {_user()}"))
            try:
                settings = load_settings()
                if not settings.database_url:
                    raise SettingsError("DATABASE_URL belum diisi")
                command(settings, *args, **options)
            except one_line as error:
                give_up(str(error))
            except (SQLAlchemyError, DriverError) as error:
                give_up(f"basis data: {_first_line(error)}")
            finally:
                actor.reset(token)

        return run

    return decorate


def give_up(line: str) -> NoReturn:
    """Say why and stop with exit code 1."""
    click.echo(f"mpp: {line}", err=True)
    sys.exit(1)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "tanpa nama"


def _first_line(error: Exception) -> str:
    """The server's own words; the statement and its values stay out of the terminal."""
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().partition("\n")[0] or type(cause).__name__
