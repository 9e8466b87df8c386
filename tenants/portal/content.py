"""What a version of the portal's face may say: each field's rule, and the words for what changed between two."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import phonenumbers

from mpp.i18n import SOURCE, catalogues
from mpp.tenancy.region import Region
from tenants.portal.theme import DEFAULT_COLOUR_1, DEFAULT_COLOUR_2, DEFAULT_MOTIF, is_colour

Content = dict[str, Any]

# The patterns of static/css/app.css, with the name an administrator reads.
MOTIFS = {
    "gonjong": "Gonjong", "ombak": "Ombak", "tenun": "Tenun", "batik-kawung": "Batik kawung", "parang": "Parang",
    "sulur": "Sulur", "pegunungan": "Pegunungan", "sungai": "Sungai", "rumoh": "Rumoh", "anyam": "Anyaman",
    "gelombang": "Gelombang", "bintang": "Bintang",
}  # fmt: skip

# field: (label, longest, required). One line of text each, but for the hero text.
TEXTS = {
    "name": ("Nama portal", 80, True),
    "short_name": ("Nama pendek", 40, False),
    "tagline": ("Semboyan", 120, False),
    "hero_title": ("Judul beranda", 80, False),
    "hero_text": ("Kalimat pembuka", 400, False),
    "district_label": ("Sebutan kecamatan", 40, True),
    "village_label": ("Sebutan kelurahan atau desa", 40, True),
}
# These may also be said in every other language: tagline_en, hero_text_en …
TRANSLATED = ("tagline", "hero_title", "hero_text")
CONTACTS = {
    "address": ("Alamat", 200),
    "phone": ("Telepon", 40),
    "whatsapp": ("WhatsApp", 40),
    "email": ("Surel", 120),
    "website": ("Situs web", 120),
}
COLOURS = {"color_1": "Warna utama", "color_2": "Warna kedua"}
LABELS = {
    **{key: rule[0] for key, rule in TEXTS.items()},
    **{key: rule[0] for key, rule in CONTACTS.items()},
    **COLOURS,
    "motif": "Motif",
    "logo": "Logo",
    "languages": "Bahasa",
}

PHONE = re.compile(r"[+(]?[0-9][0-9 ()./-]{1,38}[0-9]")
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
SHA256 = re.compile(r"[0-9a-f]{64}")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def defaults(region: Region) -> Content:
    """Return the face of a region that has none yet."""
    return {
        "name": f"MPP {region.name}",
        "color_1": DEFAULT_COLOUR_1,
        "color_2": DEFAULT_COLOUR_2,
        "motif": DEFAULT_MOTIF,
        "logo": None,
        "contact": {},
        "languages": [SOURCE],
        "district_label": "Kecamatan",
        "village_label": "Kelurahan",
    }


def other_languages() -> list[str]:
    """Codes of the languages that have a whole catalogue, without Indonesian."""
    return [code for code, found in catalogues().items() if code != SOURCE and found.covers is None]


def check(content: Mapping[str, Any]) -> tuple[Content, dict[str, str]]:
    """Return `content` as it is kept, and a sentence for each field that can't be kept (it is left out).

    Keys it does not know are kept as they are: a later version of the platform may have put them there.
    """
    known = set(TEXTS) | set(COLOURS) | {"motif", "logo", "contact", "languages"}
    known |= {f"{key}_{code}" for key in TRANSLATED for code in other_languages()}
    clean: Content = {key: value for key, value in content.items() if key not in known}
    problems: dict[str, str] = {}
    for key, (label, longest, required) in TEXTS.items():
        _text(clean, problems, content, key, label, longest, required=required)
    for key in TRANSLATED:
        label, longest, _required = TEXTS[key]
        for code in other_languages():
            _text(clean, problems, content, f"{key}_{code}", f"{label} ({code})", longest, required=False)
    _look(clean, problems, content)
    _languages(clean, problems, content)
    clean["contact"] = _contact(problems, content.get("contact") or {})
    return clean, problems


def _text(
    clean: Content,
    problems: dict[str, str],
    content: Mapping[str, Any],
    key: str,
    label: str,
    longest: int,
    *,
    required: bool,
) -> None:
    text = tidy(content.get(key), lines=key.startswith("hero_text"))
    if required and not text:
        problems[key] = f"Isi {label.lower()}."
    elif len(text) > longest:
        problems[key] = f"{label} paling panjang {longest} huruf; sekarang {len(text)}."
    elif text:
        clean[key] = text


def tidy(value: object, *, lines: bool = False) -> str:
    """Return text without control characters and stray spaces; line ends stay only where `lines` may be."""
    text = CONTROL.sub("", str(value or "").replace("\r\n", "\n"))
    if not lines:
        return " ".join(text.split())
    return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()


def _look(clean: Content, problems: dict[str, str], content: Mapping[str, Any]) -> None:
    for key, label in COLOURS.items():
        colour = str(content.get(key) or "").strip().lower()
        if is_colour(colour):
            clean[key] = colour
        else:
            problems[key] = f"{label} ditulis sebagai # dan enam angka, misalnya #1d4f7a."
    if content.get("motif") in MOTIFS:
        clean["motif"] = content["motif"]
    else:
        problems["motif"] = "Pilih salah satu motif."
    logo = content.get("logo") or None
    if logo is None or SHA256.fullmatch(str(logo)):
        clean["logo"] = logo
    else:
        problems["logo"] = "Logo tidak dikenali. Unggah lagi gambarnya."


def _languages(clean: Content, problems: dict[str, str], content: Mapping[str, Any]) -> None:
    wanted = [str(code) for code in content.get("languages") or () if code != SOURCE]
    if set(wanted) - set(other_languages()):
        problems["languages"] = "Pilih hanya bahasa yang tersedia di daftar."
    # Indonesian is the source of every text, so it is always on offer and stands first.
    clean["languages"] = [SOURCE, *(code for code in other_languages() if code in wanted)]


def _contact(problems: dict[str, str], contact: Mapping[str, Any]) -> dict[str, str]:
    kept: dict[str, str] = {}
    readers = {"phone": _phone, "whatsapp": _whatsapp, "email": _email, "website": _website}
    for key, (label, longest) in CONTACTS.items():
        text = tidy(contact.get(key))
        if not text:
            continue
        if len(text) > longest:
            problems[key] = f"{label} paling panjang {longest} huruf; sekarang {len(text)}."
            continue
        try:
            kept[key] = readers[key](text) if key in readers else text
        except ValueError as error:
            problems[key] = str(error)
    return kept


def _phone(text: str) -> str:
    if not PHONE.fullmatch(text):
        raise ValueError("Tulis nomor telepon dengan angka, misalnya (0752) 123456.")
    return text


def _whatsapp(text: str) -> str:
    sentence = "Tulis nomor WhatsApp yang lengkap, misalnya 0812 3456 7890."
    try:
        number = phonenumbers.parse(text, "ID")
    except phonenumbers.NumberParseException as error:
        raise ValueError(sentence) from error
    if not phonenumbers.is_possible_number(number):
        raise ValueError(sentence)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)).replace(
        "-", " "
    )


def _email(text: str) -> str:
    if not EMAIL.fullmatch(text):
        raise ValueError("Tulis surel yang lengkap, misalnya mpp@kota.go.id.")
    return text


def _website(text: str) -> str:
    address = text if "://" in text else f"https://{text}"
    parts = urlsplit(address)
    if (
        parts.scheme not in {"http", "https"}
        or "." not in (parts.hostname or "")
        or " " in address
        or parts.username
    ):
        raise ValueError("Tulis alamat situs yang lengkap, misalnya https://mpp.kota.go.id.")
    return address


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the names of the fields that differ, as a history reader sees them, in the order of the form."""
    old, new = _flat(before), _flat(after)
    differing = {key for key in old.keys() | new.keys() if (old.get(key) or None) != (new.get(key) or None)}
    named: dict[str, None] = {}
    for key, label in LABELS.items():
        if key in differing:
            named[label] = None
        for code in other_languages():
            if key in TRANSLATED and f"{key}_{code}" in differing:
                named[f"{label} ({catalogues()[code].name})"] = None
    return list(named)


def _flat(content: Mapping[str, Any]) -> dict[str, Any]:
    return {**content, **(content.get("contact") or {})}
