"""What a form reads: the fields sent and, for its file fields only, files. Never JSON: no page of ours sends any."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from werkzeug.exceptions import BadRequest
from wtforms import FileField

# The largest number that both a bigint and a browser hold exactly.
LARGEST = 2**53 - 1
# A longer number is none of ours, and turning text into a number costs more than its length.
MOST_DIGITS = len(str(LARGEST))


class _Meta(FlaskForm.Meta):  # type: ignore[misc]  # Flask-WTF publishes no types
    """Flask-WTF's own way hands a file under any name to the field of that name, and JSON of any shape to all."""

    def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
        """Return what was sent when the form is built without data of its own, else that."""
        # The default asks for what was sent; it is a mark without a public name.
        if formdata is None or hasattr(formdata, "getlist"):
            return formdata
        if not form.is_submitted():
            return None
        due = {field.name for field in form if isinstance(field, FileField)}
        files = MultiDict((name, file) for name, file in request.files.items(multi=True) if name in due)
        return CombinedMultiDict((files, request.form)) if files else request.form or None


def init_form_data() -> None:
    """Let every form read so: they all inherit from Flask-WTF's, each where it is used."""
    FlaskForm.Meta = _Meta


def whole(text: str | int) -> int:
    """Return a number for `request.args.get(…, type=whole)` and for `coerce=whole` of a field.

    Raises ValueError beyond what a bigint holds.
    """
    if isinstance(text, str) and len(text) > MOST_DIGITS:
        raise ValueError(text[:20])
    number = int(text)
    if not 0 <= number <= LARGEST:
        raise ValueError(text)
    return number


def wholes(sent: MultiDict[str, str], name: str, most: int) -> list[int]:
    """Return the numbers sent under one name, at most `most` of them, each once. Raises BadRequest beyond that.

    What is no number is dropped, as `type=whole` does.
    """
    texts = sent.getlist(name)
    if len(texts) > most:
        raise BadRequest
    found: dict[int, None] = {}
    for text in texts:
        with suppress(ValueError):
            found[whole(text)] = None
    return list(found)
