"""Form fields that speak Indonesian, keep what was typed, and give plain values: None for nothing."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput, DateInput, ListWidget

from mpp.web.form_data import whole
from tenants.hall.calendar import WEEKDAYS

# What an administrator may write: rows of a page, never a book.
LONG_TEXT = 600
MOST_LINES = 30
CLOCK = re.compile(r"(\d{1,2})(?:[.:,]?(\d{2}))?")


def tidy(text: str | None) -> str | None:
    """Fold white space at the ends; nothing is None."""
    return (text or "").strip() or None


def at_most(length: int) -> Length:
    """Refuse more than `length` signs."""
    return Length(max=length, message=f"Paling panjang {length} huruf.")


class OptionalText(StringField):  # type: ignore[misc]  # WTForms publishes no types
    """One line that may be empty."""

    def __init__(self, label: str, most: int = 200, **options: Any) -> None:
        super().__init__(label, [Optional(strip_whitespace=True), at_most(most)], filters=[tidy], **options)


class OptionalLong(TextAreaField):  # type: ignore[misc]  # WTForms publishes no types
    """A short paragraph that may be empty."""

    def __init__(self, label: str, most: int = LONG_TEXT, **options: Any) -> None:
        super().__init__(label, [Optional(strip_whitespace=True), at_most(most)], filters=[tidy], **options)
        # The macros tell fields apart by this name.
        self.type = "TextAreaField"


class _TypedField(StringField):  # type: ignore[misc]  # WTForms publishes no types
    """Text that is read as something else; what can't be read stays in the field as it was typed."""

    wrong = "Periksa isian ini."
    data: Any
    raw_data: list[str]

    def __init__(self, label: str, validators: Any = None, **options: Any) -> None:
        super().__init__(label, validators or [Optional(strip_whitespace=True)], **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the text; empty is None."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            # Spaces alone are nothing: InputRequired looks at what was sent, not at what was read.
            self.raw_data = []
        else:
            try:
                self.data = self.read(text)
            except (ValueError, OverflowError) as error:
                raise ValueError(self.wrong) from error

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.write(self.data)

    def read(self, text: str) -> object:
        """Return the value of `text`. Raises ValueError."""
        raise NotImplementedError

    def write(self, value: Any) -> str:
        """Return `value` as the field shows it."""
        return str(value)


class ClockField(_TypedField):
    """A local time of day, shown as "08.00". A plain field: browsers' own clocks follow the device, not the country."""

    wrong = "Tulis jam seperti 08.00."

    def __init__(self, label: str, validators: Any = None, **options: Any) -> None:
        super().__init__(label, validators, render_kw={"inputmode": "decimal", "maxlength": 5}, **options)

    def read(self, text: str) -> dt.time:
        """Return the time of day; "8", "08.00", "8:00" and "0800" are all read."""
        written = CLOCK.fullmatch(text)
        if written is None:
            raise ValueError(text)
        return dt.time(int(written[1]), int(written[2] or 0))

    def write(self, value: dt.time) -> str:
        """Return it as people write it."""
        return f"{value:%H.%M}"


class DayField(_TypedField):
    """A local day."""

    widget = DateInput()
    wrong = "Tulis tanggal yang ada, misalnya 2026-08-17."

    def read(self, text: str) -> dt.date:
        """Return the day."""
        return dt.date.fromisoformat(text)


class WholeNumberField(_TypedField):
    """A whole number within bounds; dots between thousands are read over."""

    def __init__(self, label: str, least: int, most: int, validators: Any = None, **options: Any) -> None:
        self.least, self.most = least, most
        self.wrong = f"Tulis angka bulat {least} sampai {most:,}.".replace(",", ".")
        super().__init__(label, validators, **options)

    def read(self, text: str) -> int:
        """Return the number."""
        number = int(text.replace(".", "").replace(" ", ""))
        if not self.least <= number <= self.most:
            raise ValueError(text)
        return number


class CoordinateField(_TypedField):
    """Degrees, with a dot or a comma, to five places."""

    def __init__(self, label: str, bound: int, **options: Any) -> None:
        self.bound = bound
        self.wrong = f"Tulis derajat antara -{bound} dan {bound}, misalnya -0,30500."
        super().__init__(label, **options)

    def read(self, text: str) -> float:
        """Return the degrees."""
        degrees = round(float(text.replace(",", ".")), 5)
        if not -self.bound <= degrees <= self.bound:
            raise ValueError(text)
        return degrees


class LinesField(TextAreaField):  # type: ignore[misc]  # WTForms publishes no types
    """A list of short texts, one a line."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, [Optional(strip_whitespace=True)], **options)
        self.type = "TextAreaField"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read lines, empty ones aside."""
        lines = (" ".join(line.split()) for line in (valuelist[0] if valuelist else "").splitlines())
        self.data = [line for line in lines if line]

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else "\n".join(self.data or [])

    def pre_validate(self, _form: FlaskForm) -> None:
        """Refuse what would not fit a page."""
        if len(self.data or []) > MOST_LINES or any(len(line) > 200 for line in self.data or []):
            raise ValidationError(f"Paling banyak {MOST_LINES} baris, tiap baris paling panjang 200 huruf.")


class ManyField(SelectMultipleField):  # type: ignore[misc]  # WTForms publishes no types
    """Several of a list, as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, coerce=whole, validate_choice=False, **options)
        self.type = "SelectMultipleField"

    def pre_validate(self, _form: FlaskForm) -> None:
        """Refuse what is not in the list."""
        offered = {int(choice[0]) for choice in self.choices or ()}
        if set(self.data or ()) - offered:
            raise ValidationError("Pilih dari daftar.")

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the numbers ticked; anything else is refused."""
        try:
            self.data = [whole(value) for value in valuelist]
        except ValueError:
            raise ValueError("Pilih dari daftar.") from None


class WeekdaysField(ManyField):
    """ISO weekdays; none ticked is every day."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, choices=list(enumerate(WEEKDAYS, start=1)), **options)

    @property
    def chosen(self) -> list[int] | None:
        """The days ticked, None when none or all are."""
        days = sorted(set(self.data or ()))
        return days if 0 < len(days) < 7 else None
