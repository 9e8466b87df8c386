"""What a page offers: links, and forms with their fields as a browser would send them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

Attributes = dict[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, the kind of input, and a value that is likely to be taken."""

    name: str
    kind: str
    value: str


@dataclass(slots=True)
class Form:
    """A form with one of its buttons pressed."""

    method: str
    action: str
    name: str = ""
    fields: list[Field] = field(default_factory=list)

    def without(self, name: str) -> list[tuple[str, str]]:
        """Names and values of all fields but one."""
        return [(f.name, f.value) for f in self.fields if f.kind != "file" and f.name != name]

    @property
    def shape(self) -> tuple[str, ...]:
        """What tells forms of one address apart."""
        return self.method, *sorted({f.name for f in self.fields})


@dataclass(slots=True)
class Seen:
    """Links and forms of a page."""

    links: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)


def read(text: str) -> Seen:
    """Return what a page offers. Buttons with a name, value or address of their own make forms of their own."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return Seen(reader.links, [form for one in reader.forms for form in _pressed(one, reader)])


def plausible(kind: str, name: str, attributes: Attributes) -> str:
    """A value that such a field may well take."""
    if attributes.get("tabindex") == "-1":
        # Out of everybody's reach: a trap for those who fill in all there is.
        return ""
    today = dt.datetime.now(tz=dt.UTC).date()
    by_kind = {
        "email": "uji@warga.contoh", "tel": "0812-9999-0001", "date": today.isoformat(), "time": "09:00",
        "datetime-local": f"{today}T09:00", "color": "#336699", "url": "https://contoh.example/",
        "password": "sandi-uji-yang-panjang-2026", "number": attributes.get("min") or "1", "month": "2026-11",
    }  # fmt: skip
    if kind in by_kind:
        return by_kind[kind]
    if "nik" in name or "kk" in name.split("_"):
        return "9901010101010001"
    if "hp" in name or "phone" in name:
        return "0812-9999-0001"
    return "1" if attributes.get("inputmode") == "numeric" else "Uji"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.ids: dict[str, Form] = {}
        self.buttons: list[tuple[Form, Attributes]] = []
        self._form: Form | None = None
        self._select: tuple[Form, str, list[tuple[str, bool]]] | None = None
        self._area: tuple[Form, Attributes] | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag in {"a", "link", "iframe"} and "href" in found | {"href": found.get("src", "")}:
            self.links.append(found.get("href") or found.get("src", ""))
        self.links += [
            value for name, value in found.items() if name.startswith("data-") and value.startswith("/")
        ]
        if tag == "form":
            self._form = Form((found.get("method") or "get").upper(), found.get("action", ""))
            self.forms.append(self._form)
            if "id" in found:
                self.ids[found["id"]] = self._form
            return
        form = self.ids.get(found["form"]) if "form" in found else self._form
        if form is None or "disabled" in found:
            return
        if tag == "select":
            self._select = (form, found.get("name", ""), [])
        elif tag == "option" and self._select:
            self._select[2].append((found.get("value", ""), "selected" in found))
        elif tag == "textarea":
            self._area, self._text = (form, found), ""
        elif tag == "button" and found.get("type", "submit") == "submit":
            self.buttons.append((form, found))
        elif tag == "input":
            self._input(form, found)

    def _input(self, form: Form, found: Attributes) -> None:
        kind, name, value = found.get("type", "text").lower(), found.get("name", ""), found.get("value", "")
        if kind in {"submit", "image"}:
            self.buttons.append((form, found))
        elif name and kind in {"checkbox", "radio"}:
            known = any(f.name == name and f.kind == "radio" for f in form.fields)
            if "checked" in found or (kind == "radio" and not known):
                form.fields = [f for f in form.fields if not (f.kind == "radio" and f.name == name)]
                form.fields.append(Field(name, kind, value or "on"))
        elif name and kind not in {"button", "reset"}:
            filled = value if value or kind in {"hidden", "file"} else plausible(kind, name, found)
            form.fields.append(Field(name, kind, filled))

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select" and self._select:
            form, name, options = self._select
            chosen = [value for value, selected in options if selected and value]
            values = chosen or [value for value, _ in options if value] or [""]
            if name:
                form.fields.append(Field(name, "select", values[0]))
            self._select = None
        elif tag == "textarea" and self._area:
            form, found = self._area
            if found.get("name"):
                form.fields.append(Field(found["name"], "textarea", self._text.strip() or "Uji"))
            self._area = None


def _pressed(form: Form, reader: _Reader) -> Iterator[Form]:
    """The form once for each button that sends it elsewhere or says something of its own, or once as it stands."""
    own = [b for of, b in reader.buttons if of is form and (b.get("formaction") or b.get("name"))]
    plain = [b for of, b in reader.buttons if of is form and not (b.get("formaction") or b.get("name"))]
    if plain or not own:
        yield form
    for button in own:
        said = [Field(button["name"], "button", button.get("value", ""))] if button.get("name") else []
        yield replace(form, action=button.get("formaction") or form.action, fields=[*form.fields, *said])
