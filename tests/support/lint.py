"""What every fetched page must be: parsable, titled, labelled, free of inline script and style."""

from __future__ import annotations

from collections import Counter
from xml.etree.ElementTree import Element

import html5lib

# Rules of HTML that html5lib names but that templates may break without harm.
HARMLESS = {"expected-doctype-but-got-start-tag"}
FIELDS = {"input", "select", "textarea"}
UNLABELLED = {"hidden", "submit", "button", "image", "reset"}


def parse(html: str) -> Element:
    """Return the document of a page. Raises AssertionError on markup that a browser would have to guess at."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    document: Element = parser.parse(html)
    errors = [f"{position}: {code}" for position, code, _ in parser.errors if code not in HARMLESS]
    assert not errors, f"invalid HTML: {errors[:5]}"
    return document


def problems(document: Element, *, fragment: bool = False) -> list[str]:
    """Return what is wrong with a page, as short sentences."""
    found: list[str] = []
    elements = list(document.iter())
    ids = Counter(e.get("id") for e in elements if e.get("id"))
    found += [f"id twice: {name}" for name, count in ids.items() if count > 1]
    if not fragment:
        found += _whole_page(document, elements)
    labels = {e.get("for") for e in elements if e.tag == "label"}
    wrapped = {
        id(field)
        for label in elements
        if label.tag == "label"
        for field in label.iter()
        if field.tag in FIELDS
    }
    for element in elements:
        found += _element(element, labels, wrapped)
    return found


def _whole_page(document: Element, elements: list[Element]) -> list[str]:
    found = []
    titles = [e for e in elements if e.tag == "title" and (e.text or "").strip()]
    if not titles:
        found.append("no title")
    if not document.get("lang"):
        found.append("no language")
    headings = [e for e in elements if e.tag == "h1"]
    if len(headings) != 1:
        found.append(f"{len(headings)} main headings")
    if not any(e.tag == "main" for e in elements):
        found.append("no main landmark")
    return found


def _element(element: Element, labels: set[str | None], wrapped: set[int]) -> list[str]:
    tag = str(element.tag)
    found = [f"inline {name} on {tag}" for name in element.attrib if name == "style" or name.startswith("on")]
    if tag == "style" or (
        tag == "script" and (element.text or "").strip() and element.get("type") != "application/json"
    ):
        found.append(f"inline {tag}")
    if tag == "img" and element.get("alt") is None:
        found.append("image without alt")
    if tag in FIELDS and element.get("type") not in UNLABELLED and id(element) not in wrapped:
        named = element.get("aria-label") or element.get("aria-labelledby") or element.get("id") in labels
        found += [] if named else [f"no label for {element.get('name')}"]
    if tag == "form" and (element.get("method") or "get").lower() == "post":
        names = {field.get("name") for field in element.iter("input")}
        if "csrf_token" not in names:
            found.append(f"form without token: {element.get('action')}")
    if tag in {"a", "button"} and not _name(element):
        found.append(f"{tag} without a name: {element.get('href') or element.get('name')}")
    return found


def _name(element: Element) -> str:
    inner = "".join(element.itertext()).strip()
    images = " ".join(i.get("alt") or "" for i in element.iter("img"))
    return element.get("aria-label") or element.get("aria-labelledby") or inner or images.strip()
