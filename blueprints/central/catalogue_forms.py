"""The form of a national standard. Lists are one entry a line; spare empty rows take new cases and fees."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from tenants.catalogue.editing import WRITTEN, Draft
from tenants.catalogue.errors import Problem
from tenants.catalogue.versions import component_names

SPARE = 1
MOST_ROWS = 20
SURE = [
    SelectChoice("high", "Pasti"),
    SelectChoice("med", "Dari media, tampil sebagai contoh"),
    SelectChoice("low", "Contoh, tidak pasti"),
]
SHORT = [Optional(), Length(max=300, message="Paling panjang 300 huruf.")]
LONG = [Optional(), Length(max=8000, message="Paling panjang 8.000 huruf.")]
BAD_DATE = "Tulis tanggal seperti 2026-08-17."


class _Date(DateField):  # type: ignore[misc]  # WTForms publishes no types
    """A date whose refusal is in Indonesian."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(BAD_DATE) from error


class _Amount(IntegerField):  # type: ignore[misc]  # WTForms publishes no types
    """A whole number, also as people write money: "Rp350.000"."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        text = re.sub(r"(?i)^rp|[.\s]", "", valuelist[0].strip()) if valuelist else ""
        if text:
            try:
                self.data = int(text)
            except ValueError as error:
                raise ValueError("Tulis angka saja, misalnya 350.000.") from error


class CaseForm(Form):  # type: ignore[misc]  # WTForms publishes no types
    """Why somebody comes, and what to bring then."""

    name = StringField("Keperluan", SHORT)
    slug = StringField("Kode", SHORT)
    name_en = StringField("Keperluan (Inggris)", SHORT)
    requirements = TextAreaField("Syarat, satu per baris", LONG)
    note = TextAreaField("Catatan", LONG)


class FeeForm(Form):  # type: ignore[misc]  # WTForms publishes no types
    """One fee: an amount or a formula, with the law behind it."""

    label = StringField("Yang dibayar", SHORT)
    amount = _Amount("Jumlah (rupiah, 0 berarti gratis)", [Optional()])
    formula = StringField("Atau rumus", SHORT)
    unit = StringField("Satuan", SHORT)
    case = StringField("Hanya untuk keperluan (kode)", SHORT)
    legal_basis = StringField("Dasar hukum", SHORT)
    effective_from = _Date("Berlaku sejak", [Optional()])
    confidence = SelectField("Kepastian", choices=SURE)
    note = StringField("Catatan", SHORT)


class ComponentsForm(Form):  # type: ignore[misc]  # WTForms publishes no types
    """The components that an editor writes; the rest follows from the other parts."""


for _key in WRITTEN:
    setattr(ComponentsForm, _key, TextAreaField(component_names()[_key], LONG))


class StandardForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """A whole version of a service's standard."""

    name = StringField("Nama layanan", [InputRequired("Isi nama layanan."), *SHORT[1:]])
    name_en = StringField("Nama dalam bahasa Inggris", SHORT)
    official_name = StringField("Nama resmi, bila berbeda", SHORT)
    summary = TextAreaField(
        "Ringkasan satu kalimat", [InputRequired("Isi ringkasan satu kalimat."), *LONG[1:]]
    )
    summary_en = TextAreaField("Ringkasan dalam bahasa Inggris", LONG)
    words = TextAreaField(
        "Kata yang dipakai warga, satu per baris", [InputRequired("Isi sedikitnya satu kata."), *LONG[1:]]
    )
    cases = FieldList(FormField(CaseForm), max_entries=MOST_ROWS)
    fees = FieldList(FormField(FeeForm), max_entries=MOST_ROWS)
    time_limit = StringField("Jangka waktu", SHORT)
    product = StringField("Hasil layanan", SHORT)
    valid_for = StringField("Masa berlaku", SHORT)
    note = TextAreaField("Perlu diketahui sebelum datang", LONG)
    law = TextAreaField("Dasar hukum, satu per baris", LONG)
    components = FormField(ComponentsForm)
    sources = TextAreaField(
        "Sumber, satu per baris", [InputRequired("Isi sedikitnya satu sumber."), *LONG[1:]]
    )
    checked_on = _Date("Sumber diperiksa pada", [InputRequired("Isi tanggal sumber diperiksa.")])
    effective_from = _Date("Berlaku sejak", [Optional()])
    decree = StringField("Surat keputusan", SHORT)
    online_url = StringField("Alamat layanan daring resmi", SHORT)
    online_name = StringField("Nama aplikasi resmi", SHORT)
    service_minutes = IntegerField(
        "Menit di loket, bila ada sumbernya", [Optional(), NumberRange(1, 600, "Antara 1 dan 600 menit.")]
    )
    change_note = TextAreaField(
        "Apa yang berubah dan mengapa",
        [InputRequired("Tulis apa yang berubah dan mengapa."), Length(max=1000)],
    )

    def draft(self) -> Draft:
        """Return what was written, empty rows and lines dropped."""
        return Draft(
            name=_line(self.name.data),
            name_en=_text(self.name_en.data),
            official_name=_text(self.official_name.data),
            summary=_line(self.summary.data),
            summary_en=_text(self.summary_en.data),
            words=list(dict.fromkeys(word.lower() for word in _lines(self.words.data))),
            cases=[_case(entry.data) for entry in self.cases if _filled(entry.data)],
            fees=[_fee(entry.data) for entry in self.fees if _filled(entry.data)],
            time_limit=_text(self.time_limit.data),
            product=_text(self.product.data),
            valid_for=_text(self.valid_for.data),
            note=_text(self.note.data),
            law=_lines(self.law.data),
            own={key: lines for key in WRITTEN if (lines := _lines(self.components.form[key].data))},
            sources=_lines(self.sources.data),
            checked_on=self.checked_on.data,
            effective_from=self.effective_from.data,
            decree=_text(self.decree.data),
            online_url=_text(self.online_url.data),
            online_name=_text(self.online_name.data),
            service_minutes=self.service_minutes.data,
        )

    def drop_empty_rows(self) -> None:
        """Leave out empty cases and fees and number the rest anew, so that a problem points at the right row."""
        for rows in (self.cases, self.fees):
            kept = [entry.data for entry in rows if _filled(entry.data)]
            while rows.entries:
                rows.pop_entry()
            for data in kept:
                rows.append_entry(data)

    def spare_rows(self, cases: int = SPARE, fees: int = SPARE) -> None:
        """Add empty rows for what is still to be written."""
        for rows, spare in ((self.cases, cases), (self.fees, fees)):
            for _ in range(min(spare, MOST_ROWS - len(rows))):
                rows.append_entry()

    def show(self, problems: Iterable[Problem]) -> None:
        """Put each problem at its field."""
        by_id = {field.id: field for field in self._every_field()}
        for problem in problems:
            field = by_id.get(problem.field)
            if field is None:
                self.form_errors.append(problem.text)
            else:
                field.errors = [*field.errors, problem.text]

    def summary_of_errors(self) -> list[tuple[str, str]]:
        """Return (field id, text) of every error in the order of the page, those inside rows too."""
        found = [
            (field.id, f"{field.label.text}: {text}")
            for field in self._every_field()
            for text in field.errors
        ]
        return found + [("isi", text) for text in self.form_errors]

    def _every_field(self) -> Iterable[Any]:
        for field in self:
            if field.type == "FieldList":
                for entry in field:
                    yield from entry.form
            elif field.type == "FormField":
                yield from field.form
            else:
                yield field


def form_of(draft: Draft) -> StandardForm:
    """Return the form with a draft in it."""
    text = {key: "\n".join(getattr(draft, key)) for key in ("words", "law", "sources")}
    plain = {
        name: getattr(draft, name)
        for name in Draft.__dataclass_fields__
        if name not in {*text, "cases", "fees", "own"}
    }
    cases = [case | {"requirements": "\n".join(case["requirements"])} for case in draft.cases]
    fees = [fee | {"effective_from": _day(fee.get("effective_from"))} for fee in draft.fees]
    components = {key: "\n".join(lines) for key, lines in draft.own.items()}
    return StandardForm(
        formdata=None, data={**plain, **text, "cases": cases, "fees": fees, "components": components}
    )


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _filled(data: dict[str, Any]) -> bool:
    """Whether anything but the choice of certainty was written."""
    return any(value not in {None, ""} for key, value in data.items() if key != "confidence")


def _text(text: str | None) -> str | None:
    return _line(text or "") or None


def _line(text: str) -> str:
    return " ".join(text.split())


def _lines(text: str | None) -> list[str]:
    return [line for raw in (text or "").splitlines() if (line := _line(raw))]


def _case(data: dict[str, Any]) -> dict[str, Any]:
    name = _line(data["name"] or "")
    found = {
        "slug": _line(data["slug"] or "") or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"),
        "name": name,
        "name_en": _text(data["name_en"]),
        "requirements": _lines(data["requirements"]),
        "note": _text(data["note"]),
    }
    return {key: value for key, value in found.items() if value is not None}


def _fee(data: dict[str, Any]) -> dict[str, Any]:
    day = data["effective_from"]
    found = {
        "label": _text(data["label"]) or "",
        "amount": data["amount"],
        "formula": _text(data["formula"]),
        "unit": _text(data["unit"]),
        "case": _text(data["case"]),
        "legal_basis": _text(data["legal_basis"]),
        "effective_from": day.isoformat() if day else None,
        "confidence": data["confidence"],
        "note": _text(data["note"]),
    }
    return {key: value for key, value in found.items() if value is not None}
