"""From a form to the act and back: what was refused stands beside its field, what was typed stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, flash
from flask_wtf import FlaskForm
from wtforms import Field, FieldList, FormField

from mpp.accounts.staff import StaffError
from mpp.database.optimistic import ChangedMeanwhileError
from tenants.devices.errors import DeviceError
from tenants.hall.errors import HallError
from tenants.services.errors import ServiceError

T = TypeVar("T")
REFUSALS = (HallError, ServiceError, StaffError, DeviceError)
# Ids in addresses: what fits a bigint and a browser; anything else is no page.
ID = "int(max=9007199254740991)"
INVALID = 422


def attempt(form: FlaskForm, act: Callable[[], T], fresh: Callable[[], str] | None = None) -> T | None:
    """Return what `act` returns, or None after putting its refusal into `form`; something unknown is 404.

    `fresh` gives the mark of what stands now: after a conflict was shown, saving again may overwrite knowingly.
    """
    try:
        return act()
    except ChangedMeanwhileError as error:
        form.form_errors.append(str(error))
        if fresh is not None:
            form.seen.data = fresh()
    except REFUSALS as error:
        if isinstance(error, LookupError):
            abort(404)
        field = find(form, error.field) if error.field else None
        if field is None:
            form.form_errors.append(str(error))
        else:
            field.errors = [*field.errors, str(error)]
    return None


def press(act: Callable[[], T], done: Callable[[T], str]) -> T | None:
    """Do what a single button says and tell how it went; something unknown is 404."""
    try:
        result = act()
    except REFUSALS as error:
        if isinstance(error, LookupError):
            abort(404)
        flash(str(error), "error")
        return None
    flash(done(result), "ok")
    return result


def find(form: Any, name: str) -> Field | None:
    """Return a field by name, inside fields too: "day5-closes"."""
    for field in form:
        if name in {field.short_name, field.name}:
            return field
        if isinstance(field, FormField):
            inner = find(field.form, name)
            if inner is not None:
                return inner
    return None


def complaints(form: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Return every error as (id of the field, sentence), fields inside fields too, for the summary on top."""
    found: list[tuple[str, str]] = []
    for field in form:
        label = f"{prefix}{field.label.text}"
        if isinstance(field, FormField):
            found += complaints(field.form, f"{label}, ")
        elif isinstance(field, FieldList):
            for position, entry in enumerate(field.entries, start=1):
                found += complaints(entry.form, f"{label} {position}, ")
        elif field.errors:
            many = field.type in {"RadioField", "SelectMultipleField"}
            found.append((f"{field.id}-0" if many else field.id, f"{label}: {field.errors[0]}"))
    if not prefix:
        found += [("isi", str(text)) for text in form.form_errors]
    return found
