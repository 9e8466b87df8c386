"""What an answer may never be, whoever asked and whatever was sent."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from werkzeug.test import TestResponse

from mpp.settings import ROOT
from tests.attack.payloads import ATTRIBUTE, ELEMENT, HEADER, HOST, PRODUCT

# Words of the inside that no visitor reads. None of them stands in a payload.
INSIDE = re.compile(
    r"Traceback \(most recent|psycopg|sqlalchemy|werkzeug|jinja2|flask_|UndefinedError|KeyError|ValueError"
    rf"|{re.escape(str(ROOT))}|/site-packages/|x_region_\d|mpp_test_|root:x:0:0|&lt;class &#39;|<class '"
)
# Cheap to look for; only then does a browser's way of reading decide.
SUSPECT = re.compile(rf"<\s*/?{ELEMENT}|{ATTRIBUTE}\s*[=(]|{ATTRIBUTE}:", re.IGNORECASE)
COUNTED = re.compile(rf"zq\s*{PRODUCT}|{PRODUCT}\s*zq")
GOES_SOMEWHERE = ("href", "src", "action", "formaction", "data", "poster", "srcdoc", "xlink:href", "ping")
SCHEMES = re.compile(r"^[\s\x00-\x20]*(javascript|vbscript|data):", re.IGNORECASE)


def faults(answer: TestResponse, hosts: frozenset[str]) -> list[str]:
    """Return what is wrong with an answer, as short words; `hosts` are those it may send people to."""
    found: list[str] = []
    text = answer.get_data(as_text=True) if _readable(answer) else ""
    if answer.status_code >= 500 and not _busy(answer):
        found.append(f"status {answer.status_code}")
    found += _headers(answer, hosts)
    if inside := INSIDE.search(text):
        found.append(f"tells of the inside: {inside[0]}")
    if COUNTED.search(text):
        found.append("reckoned what was sent")
    if answer.mimetype == "text/html":
        found += _markup(text)
    elif answer.mimetype == "application/json" and text:
        found += _json(text)
    elif answer.mimetype == "text/css" and re.search(rf"{ELEMENT}|{ATTRIBUTE}", text):
        found.append("style sheet with what was sent")
    elif answer.mimetype in {"image/svg+xml", "application/xhtml+xml", "text/xml"}:
        found += [f"markup in {answer.mimetype}"] if re.search(rf"<{ELEMENT}|<script", text) else []
    return found


def injected(document: Element) -> list[str]:
    """Return elements, attributes and links of a document that no template of ours wrote."""
    found: list[str] = []
    for element in document.iter():
        if str(element.tag).lower().startswith(ELEMENT):
            found.append(f"new element <{element.tag}>")
        for name, value in element.attrib.items():
            # A name that came out of the middle of a payload is new, too.
            if ATTRIBUTE in name.lower() or name.lower().startswith("on"):
                found.append(f"new attribute {name} on <{element.tag}>")
            if name in GOES_SOMEWHERE and SCHEMES.match(value) and not _drawing(element, name, value):
                found.append(f"{name} of <{element.tag}> is {value[:40]!r}")
        if (
            element.tag == "script"
            and ATTRIBUTE in (element.text or "")
            and "json" not in element.get("type", "")
        ):
            found.append("script with what was sent")
        if element.tag == "style" and (ELEMENT in (element.text or "")):
            found.append("style with what was sent")
    return found


def _readable(answer: TestResponse) -> bool:
    kind = answer.mimetype or ""
    return kind.startswith("text/") or "json" in kind or "xml" in kind


def _busy(answer: TestResponse) -> bool:
    """A refusal that is said on purpose: 503 with a word when to come again, or a region that is suspended."""
    return answer.status_code == 503


def _drawing(element: Element, name: str, value: str) -> bool:
    return element.tag == "img" and name == "src" and value.startswith("data:image/") and ELEMENT not in value


def _headers(answer: TestResponse, hosts: frozenset[str]) -> list[str]:
    found: list[str] = []
    for name, value in answer.headers.items():
        if name.lower() == HEADER.lower():
            found.append("new header")
        if re.search(r"[\r\n\x00]", value):
            found.append(f"line break in {name}")
        if name.lower() not in {"location", "set-cookie"} and SUSPECT.search(value):
            found.append(f"{name} with what was sent")
    target = answer.headers.get("Location", "")
    # As browsers read it: backslashes are slashes, tabs are nothing.
    plain = re.sub(r"[\t\r\n]", "", target.replace("\\", "/").strip())
    split = urlsplit(plain)
    if split.scheme not in {"", "http", "https"} or (
        split.netloc and split.netloc.partition(":")[0] not in hosts
    ):
        found.append(f"leads to {target[:60]!r}")
    if plain.startswith("///") or f"//{HOST}" in plain.partition("?")[0]:
        found.append(f"leads to {target[:60]!r}")
    return found


def _markup(text: str) -> list[str]:
    if not SUSPECT.search(text):
        return []
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    return sorted(set(injected(parser.parse(text))))


def _json(text: str) -> list[str]:
    try:
        json.loads(text)
    except ValueError:
        return ["JSON that is none"]
    return []
