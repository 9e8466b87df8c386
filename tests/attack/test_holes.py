"""The crawler can fail: each kind of hole, planted in an app of its own, is found; the same app without it is clean."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask, redirect, render_template_string, request
from flask.typing import ResponseReturnValue
from markupsafe import escape
from werkzeug.routing import MapAdapter
from werkzeug.test import Client
from werkzeug.wrappers import Response

from tests.attack.crawler import Crawler
from tests.attack.walking import Bounds

BOUNDS = Bounds(pages=2, forms=2, fields=10, payloads=1000, requests=900, seconds=30)
FORMS = Bounds(pages=1, forms=1, fields=1, payloads=1000, requests=500, seconds=30)
PAGE = """<!doctype html><html lang="id"><title>x</title><main><h1>x</h1>{}
<form method="post" action="/kirim"><input name="kata"><button>Kirim</button></form>
<form method="get" action="/cari"><input name="q"></form><a href="/lihat/satu">a</a></main></html>"""
Hole = Callable[[str], ResponseReturnValue]


@dataclass
class Anybody:
    """A stranger at an app of one host."""

    app: Flask
    name: str = "stranger"
    base: str = "http://localhost"
    home: str = "/"
    hosts: frozenset[str] = field(default_factory=lambda: frozenset({"localhost"}))

    def __post_init__(self) -> None:
        self._client: Client = self.app.test_client()
        self.routes: MapAdapter = self.app.url_map.bind("localhost", subdomain="")

    @property
    def client(self) -> Client:
        return self._client

    def at_home(self) -> bool:
        return True

    def enter(self) -> None:
        """Nobody has to."""

    def token(self) -> str:
        return "-"


def planted(hole: Hole) -> Flask:
    """An app with one form; what becomes of the word that was sent is the hole's."""
    app = Flask("planted")

    @app.get("/")
    def home() -> str:
        return PAGE.format("")

    @app.post("/kirim")
    def send() -> ResponseReturnValue:
        return hole(request.form.get("kata", ""))

    @app.get("/cari")
    def search() -> str:
        return PAGE.format(escape(request.args.get("q", "")))

    @app.get("/lihat/<word>")
    def look(word: str) -> str:
        return PAGE.format(escape(word))

    return app


def clean(word: str) -> Response | str:
    return PAGE.format(f'<p title="{escape(word)}">{escape(word)}</p>')


def sql(word: str) -> str:
    with sqlite3.connect(":memory:") as connection:
        found = connection.execute(f"SELECT '{word}'").fetchone()
    return PAGE.format(escape(found[0]))


def anywhere(word: str) -> Response:
    return redirect(word)


def header(word: str) -> Response:
    answer = Response("x")
    for line in f"X-Kata: {word}".splitlines():
        name, _, value = line.partition(":")
        answer.headers.add(name or "x", value.strip())
    return answer


def disk(word: str) -> str:
    path = Path("/usr/share") / word
    return PAGE.format(escape(path.read_text("utf-8") if len(word) < 99 and path.is_file() else ""))


def inside(word: str) -> tuple[str, int]:
    return PAGE.format(f"<pre>Traceback (most recent call last): {escape(word)}</pre>"), 400


def number(word: str) -> str:
    return PAGE.format(str(int(word) + 1) if word.isdigit() else "")


HOLES: dict[str, tuple[Hole, str]] = {
    "element": (lambda w: PAGE.format(f"<p>{w}</p>"), "new element"),
    "attribute in double quotes": (
        lambda w: PAGE.format(f'<p title="{w.replace("<", "&lt;")}">'),
        "new attribute",
    ),
    "attribute in single quotes": (
        lambda w: PAGE.format(f"<p title='{w.replace('<', '&lt;').replace(chr(34), '')}'>"),
        "new attribute",
    ),
    "attribute without quotes": (lambda w: PAGE.format(f"<p title={escape(w)}>x</p>"), "new attribute"),
    "inside a text area": (lambda w: PAGE.format(f"<textarea>{w}</textarea>"), "new element"),
    "inside JSON of a page": (
        lambda w: PAGE.format(f'<script type="application/json">"{w}"</script>'),
        "new element",
    ),
    "inside a comment": (lambda w: PAGE.format(f"<!-- {w} -->"), "new element"),
    "script link": (lambda w: PAGE.format(f'<a href="{escape(w)}">x</a>'), "href of <a> is"),
    "open redirect": (anywhere, "leads to"),
    "redirect by slashes": (lambda w: redirect(w if w.startswith("/") else "/"), "leads to"),
    "header": (header, "new header"),
    "template": (lambda w: render_template_string(PAGE.format("{% raw %}{% endraw %}" + w)), "reckoned"),
    "SQL": (sql, "reckoned"),
    "path": (disk, "tells of the inside"),
    "inside of the house": (inside, "tells of the inside"),
    "a digit that is no number": (number, "status 500"),
    "JSON by hand": (
        lambda w: Response(f'{{"kata": "{w}"}}', mimetype="application/json"),
        "JSON that is none",
    ),
    "style sheet": (lambda w: Response(f".x{{color:{w}}}", mimetype="text/css"), "style sheet with"),
    "drawing": (lambda w: Response(f"<svg>{w}</svg>", mimetype="image/svg+xml"), "markup in"),
}


@pytest.mark.parametrize("name", HOLES)
def test_a_planted_hole_is_found(name: str) -> None:
    hole, expected = HOLES[name]
    report = Crawler(Anybody(planted(hole)), FORMS, 1).run()
    assert any(expected in fault for fault in report.faults), report.faults[:5]


def test_what_is_stored_raw_shows_on_a_page_walked_again() -> None:
    kept: list[str] = []

    def keep(word: str) -> Response:
        kept.append(word)
        return redirect("/buku")

    app = planted(keep)

    @app.get("/buku")
    def book() -> str:
        return PAGE.format("".join(f"<p>{word}</p>" for word in kept))

    report = Crawler(Anybody(app), BOUNDS, 1).run()
    assert any("GET /buku" in fault and "new element" in fault for fault in report.faults)


def test_holes_in_addresses_and_queries_are_found() -> None:
    app = Flask("planted")

    @app.get("/")
    def home() -> str:
        return PAGE.format("").replace("/lihat/satu", "/lihat/satu?dari=rumah")

    @app.get("/lihat/<word>")
    def look(word: str) -> str:
        return PAGE.format(f"<p>{word}</p>" if "zq" in word else f"<b>{request.args.get('dari', '')}</b>")

    report = Crawler(Anybody(app), BOUNDS, 1).run()
    assert any("/lihat/%" in fault and "new element" in fault for fault in report.faults)
    assert any("dari=%" in fault and "new element" in fault for fault in report.faults)


def test_a_house_without_holes_is_quiet() -> None:
    report = Crawler(Anybody(planted(clean)), BOUNDS, 1).run()
    assert report.faults == []
    assert report.requests > 200


def test_the_same_seed_sends_the_same() -> None:
    def sent(seed: int) -> list[str]:
        words: list[str] = []

        def note(word: str) -> str:
            words.append(word)
            return PAGE.format("")

        Crawler(Anybody(planted(note)), Bounds(payloads=3, requests=40), seed).run()
        return words

    assert sent(1) == sent(1) != sent(2)
