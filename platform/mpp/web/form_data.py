"""What a form reads: the fields sent and, for its file fields only, files. Never JSON: no page of ours sends any."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import FileField

# The largest number that both a bigint and a browser hold exactly.
LARGEST = 2**53 - 1


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


def whole(text: str) -> int:
    """Return a number for `request.args.get(…, type=whole)`. Raises ValueError beyond what a bigint holds."""
    number = int(text)
    if not 0 <= number <= LARGEST:
        raise ValueError(text[:20])
    return number
