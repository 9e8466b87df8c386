"""The fields of branding and of announcements. Their rules stand in tenants.portal; here is only how they are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    ColorField,
    DateField,
    EmailField,
    Field,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
    URLField,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from mpp.i18n import SOURCE, catalogues
from mpp.web.form_data import whole
from tenants.portal.announcements import KINDS, MOST_BODY, MOST_TITLE, Notice
from tenants.portal.branding import MOST_NOTE
from tenants.portal.content import CONTACTS, MOTIFS, TEXTS, TRANSLATED, Content, other_languages
from tenants.portal.models import Announcement

KEPT_AS_THEY_ARE = ("motif", "color_1", "color_2", "languages")
BAD_DATE = "Tulis tanggal yang benar."
BAD_HALL = "Pilih gedung dari daftar."
LONG_TITLE = f"Judul paling panjang {MOST_TITLE} huruf."
LONG_BODY = f"Isi paling panjang {MOST_BODY} huruf."
BAD_KIND = "Pilih biasa atau penting."


def _choices(words: Mapping[str, str]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in words.items()]


def _text(key: str, kind: type[Field] = StringField) -> Field:
    label, longest, required = TEXTS[key]
    message = f"{label} paling panjang {longest} huruf."
    need = [InputRequired(f"Isi {label.lower()}.")] if required else []
    return kind(label, [*need, Length(max=longest, message=message)])


def _contact(key: str, kind: type[Field] = StringField) -> Field:
    label, longest = CONTACTS[key]
    return kind(label, [Length(max=longest, message=f"{label} paling panjang {longest} huruf.")])


class BrandingForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """Everything a version of the portal says, and the note of its publication."""

    seen = HiddenField()
    name = _text("name")
    short_name = _text("short_name")
    tagline = _text("tagline")
    logo_file = FileField("Logo baru")
    drop_logo = BooleanField("Hapus logo dan pakai huruf awal nama")
    color_1 = ColorField("Warna utama")
    color_2 = ColorField("Warna kedua")
    motif = RadioField("Motif", choices=_choices(MOTIFS), validators=[Optional()], validate_choice=False)
    hero_title = _text("hero_title")
    hero_text = _text("hero_text", TextAreaField)
    address = _contact("address", TextAreaField)
    phone = _contact("phone", TelField)
    whatsapp = _contact("whatsapp", TelField)
    email = _contact("email", EmailField)
    website = _contact("website", URLField)
    languages = SelectMultipleField(
        "Bahasa lain",
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validate_choice=False,
    )
    district_label = _text("district_label")
    village_label = _text("village_label")
    note = StringField(
        "Catatan terbitan", [Length(max=MOST_NOTE, message=f"Catatan paling panjang {MOST_NOTE} huruf.")]
    )

    @property
    def translated(self) -> list[tuple[str, list[Field]]]:
        """The fields said again in each other language, as (own name of the language, fields)."""
        return [
            (catalogues()[code].name, [self[f"{key}_{code}"] for key in TRANSLATED])
            for code in other_languages()
        ]


def branding_form(content: Mapping[str, Any] | None = None, seen: str = "") -> BrandingForm:
    """Return the form as it was sent, or with what `content` says. One set of fields for each language there is."""
    fields: dict[str, Field] = {}
    for code in other_languages():
        for key in TRANSLATED:
            label, longest, _required = TEXTS[key]
            kind = TextAreaField if key == "hero_text" else StringField
            text = f"{label} ({catalogues()[code].name})"
            too_long = f"{text} paling panjang {longest} huruf."
            fields[f"{key}_{code}"] = kind(text, [Length(max=longest, message=too_long)])
    data = None
    if content is not None:
        data = {**content, **(content.get("contact") or {}), "seen": seen}
    form: BrandingForm = type("BrandingFormHere", (BrandingForm,), fields)(data=data)
    form.languages.choices = _choices({code: catalogues()[code].name for code in other_languages()})
    return form


def content_of(form: BrandingForm, base: Mapping[str, Any]) -> Content:
    """Return what `form` says, laid over `base` (which keeps what the form does not ask)."""
    content = dict(base)
    for key in (*TEXTS, *KEPT_AS_THEY_ARE):
        content[key] = form[key].data
    for code in other_languages():
        for key in TRANSLATED:
            content[f"{key}_{code}"] = form[f"{key}_{code}"].data
    content["languages"] = [SOURCE, *(form.languages.data or [])]
    content["contact"] = {key: form[key].data for key in CONTACTS}
    if form.drop_logo.data:
        content["logo"] = None
    return content


class AnnouncementForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """One announcement."""

    title = StringField(
        "Judul",
        [
            InputRequired("Isi judul pengumuman."),
            Length(max=MOST_TITLE, message=LONG_TITLE),
        ],
    )
    body = TextAreaField(
        "Isi",
        [
            InputRequired("Isi pengumumannya."),
            Length(max=MOST_BODY, message=LONG_BODY),
        ],
    )
    kind = RadioField(
        "Sifat",
        choices=_choices(KINDS),
        default="info",
        validators=[InputRequired(BAD_KIND)],
        invalid_choice_message=BAD_KIND,
    )
    starts_on = DateField(
        "Tampil mulai", [InputRequired("Isi hari pertama.")], invalid_value_message=BAD_DATE
    )
    ends_on = DateField("Tampil sampai", [Optional()], invalid_value_message=BAD_DATE)
    hall_id = SelectField(
        "Gedung",
        coerce=lambda value: whole(value) if value else None,
        invalid_value_message=BAD_HALL,
        invalid_choice_message=BAD_HALL,
    )
    published = BooleanField("Tampilkan di portal", default=True)
    title_en = StringField("Judul dalam bahasa Inggris", [Length(max=MOST_TITLE, message=LONG_TITLE)])
    body_en = TextAreaField("Isi dalam bahasa Inggris", [Length(max=MOST_BODY, message=LONG_BODY)])

    def notice(self) -> Notice:
        """What the form says."""
        return Notice(
            title=self.title.data,
            body=self.body.data,
            kind=self.kind.data,
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            hall_id=self.hall_id.data,
            published=self.published.data,
            title_en=self.title_en.data or "",
            body_en=self.body_en.data or "",
        )


def announcement_form(
    halls: Sequence[tuple[int, str]], announcement: Announcement | None = None
) -> AnnouncementForm:
    """Return the form as it was sent, or as `announcement` stands."""
    form = AnnouncementForm(obj=announcement)
    form.hall_id.choices = _choices({"": "Semua gedung"} | {str(number): name for number, name in halls})
    if not form.is_submitted():
        form.hall_id.data = announcement.hall_id if announcement else None
    return form


def add_problems(form: FlaskForm, problems: Mapping[str, str]) -> None:
    """Put the domain's sentences beside their fields; a field that has one already keeps it."""
    for key, sentence in problems.items():
        field = {"logo": "logo_file"}.get(key, key)
        if field not in form:
            form.form_errors.append(sentence)
        elif not form[field].errors:
            form[field].errors = [sentence]
