"""What a version may say: each field's rule."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.portal.content import MOTIFS, changes, check
from tenants.registry.files import pilot_file, pilots

GOOD: dict[str, Any] = {
    "name": "MPP Kota Bukittinggi", "color_1": "#9b1c2e", "color_2": "#e2a72e", "motif": "gonjong", "logo": None,
    "contact": {}, "languages": ["id"], "district_label": "Kecamatan", "village_label": "Kelurahan",
}  # fmt: skip


def problems(**fields: Any) -> dict[str, str]:
    return check({**GOOD, **fields})[1]


def contact(**fields: str) -> tuple[dict[str, str], dict[str, str]]:
    clean, wrong = check({**GOOD, "contact": fields})
    return clean["contact"], wrong


def test_good_content_is_kept_as_it_is() -> None:
    clean, wrong = check(GOOD)
    assert not wrong
    assert clean == GOOD


def test_every_pilot_has_a_face_that_could_be_saved_again() -> None:
    for pilot in pilots():
        file = pilot_file(pilot.slug)
        assert file is not None
        brand = file["brand"]
        content = {
            **GOOD,
            "name": brand["site_name"],
            "tagline": brand["tagline"],
            "hero_text": brand["hero"],
        }
        content |= {"color_1": brand["brand"], "color_2": brand["brand_2"], "motif": brand["motif"]}
        content |= {"contact": {"address": file["hall"]["address"]}}
        assert not check(content)[1], pilot.slug


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "   "), ("name", "x" * 81), ("color_1", "red"), ("color_1", "#12345"),
        ("color_2", None),
        ("color_1", "#12345g"), ("color_1", "#123456;}body{x"), ("motif", "naga"), ("motif", None),
        ("logo", "../../etc"),
        ("logo", "A" * 64), ("languages", ["id", "xx"]), ("tagline", "x" * 121), ("hero_text", "x" * 401),
        ("district_label", ""), ("village_label", "x" * 41),
    ],
)  # fmt: skip
def test_what_can_not_be_kept_gets_a_sentence(field: str, value: object) -> None:
    wrong = problems(**{field: value})
    assert list(wrong) == [field]
    assert wrong[field].endswith(".")


def test_indonesian_is_always_on_and_first() -> None:
    assert check({**GOOD, "languages": []})[0]["languages"] == ["id"]


def test_there_are_twelve_motifs_and_each_is_drawn() -> None:
    from mpp.settings import ROOT

    css = (ROOT / "static/css/app.css").read_text()
    assert len(MOTIFS) == 12
    assert all(f".motif-{motif} " in css for motif in MOTIFS)


@pytest.mark.parametrize("phone", ["(0752) 123456", "0752-123456", "+62 752 123456", "112"])
def test_phones_as_people_write_them(phone: str) -> None:
    assert contact(phone=phone) == ({"phone": phone}, {})


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("phone", "hubungi kami"), ("whatsapp", "12"), ("whatsapp", "abc"), ("email", "mpp"), ("email", "a@b"),
        ("website", "javascript:alert(1)"), ("website", "data:text/html,x"), ("website", "https://a b.id"),
        ("website", "https://user:pw@kota.go.id"), ("website", "lokal"), ("address", "x" * 201),
    ],
)  # fmt: skip
def test_contacts_that_lead_nowhere_are_refused(key: str, text: str) -> None:
    kept, wrong = contact(**{key: text})
    assert list(wrong) == [key]
    assert key not in kept


@pytest.mark.parametrize("text", ["0812 3456 7890", "62 812 3456 7890", "+62812-3456-7890", "081234567890"])
def test_whatsapp_is_kept_in_one_form(text: str) -> None:
    assert contact(whatsapp=text)[0] == {"whatsapp": "+62 812 3456 7890"}


def test_a_site_without_scheme_gets_one() -> None:
    assert contact(website="mpp.kota.go.id")[0] == {"website": "https://mpp.kota.go.id"}


@settings(deadline=None)
@given(st.text(max_size=500))
def test_any_text_is_tidied_or_refused(text: str) -> None:
    clean, wrong = check({**GOOD, "name": text, "hero_text": text})
    name = clean.get("name", "")
    assert ("name" in wrong) == (name == "")
    assert len(name) <= 80 and name == " ".join(name.split())
    assert not any(ord(c) < 32 and c != "\n" for c in clean.get("hero_text", ""))


def test_keys_of_a_later_version_are_kept() -> None:
    assert check({**GOOD, "map_style": "x"})[0]["map_style"] == "x"


def test_changes_are_named_as_the_form_names_them() -> None:
    after = {**GOOD, "name": "MPP Baru", "color_2": "#000000", "contact": {"phone": "112"}, "tagline": ""}
    assert changes(GOOD, after) == ["Nama portal", "Telepon", "Warna kedua"]
    assert changes(GOOD, dict(GOOD)) == []
