"""Marked values of made-up people, and the search for them wherever anything is kept."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask.sessions import SecureCookieSessionInterface
from redis import Redis

from mpp.settings import Settings
from mpp.web import pages
from mpp.web.flask import Platform
from tests.support.fresh import sql

NAME = "Zulmarka Cetakbiru"
PHONE = "0812-9999-4471"
OTHER_NAME, OTHER_PHONE = "Anakmarka Cetakbiru", "0812-9999-4482"
NIK, OTHER_NIK, CARD = "9901014405060789", "9901014405060797", "9901018877660554"
EMAIL, PASSWORD = "zulmarka@contoh.invalid", "sandimarka-cetakungu-77"
DOCUMENT = "Zulmarka dokumen rahasia cetakjingga"
# Why a power is given, and what is asked for and answered about one's data.
REASON, WISH = "Dirawat karena cetaknila", "Gelar cetaktembaga keliru ditulis"
# Where a mark may stand, and why: docs/secrets.md names the holder's name as open on purpose.
OPEN = {("ticket", "name")}


@dataclass(frozen=True)
class Mark:
    """One value as it may be written: the notations of a number, plain bytes and hexadecimal."""

    name: str
    words: tuple[str, ...]

    @property
    def needles(self) -> tuple[bytes, ...]:
        """Every notation as bytes, and as bytes written down in hexadecimal."""
        plain = [word.encode() for word in self.words]
        return (*plain, *(form.hex().encode() for word in plain for form in {word, word.lower()}))

    def within(self, text: bytes) -> bool:
        """Whether some notation stands in `text`, in capitals or not."""
        low = text.lower()
        return any(needle.lower() in low for needle in self.needles)


def _number(name: str, digits: str) -> Mark:
    """A telephone number by its last eight digits: with any way to write the beginning."""
    last = digits.replace("-", "")[-8:]
    return Mark(name, (last, f"{last[:4]}-{last[4:]}", f"{last[:4]} {last[4:]}"))


MARKS = (
    Mark("name", ("Zulmarka", "Anakmarka", "Cetakbiru")),
    _number("phone", PHONE),
    _number("phone", OTHER_PHONE),
    *(Mark("nik", (nik, f"{nik[:4]} {nik[4:8]} {nik[8:12]} {nik[12:]}")) for nik in (NIK, OTHER_NIK)),
    Mark("card", (CARD, f"{CARD[:4]} {CARD[4:8]} {CARD[8:12]} {CARD[12:]}")),
    Mark("e-mail", (EMAIL, EMAIL.partition("@")[0] + "%40")),
    Mark("password", (PASSWORD, "cetakungu")),
    Mark("document", ("cetakjingga",)),
    Mark("reason", ("cetaknila",)),
    Mark("wish", ("cetaktembaga",)),
)


def found(text: str | bytes) -> set[str]:
    """Return the names of the marks in a text."""
    raw = text.encode() if isinstance(text, str) else text
    return {mark.name for mark in MARKS if mark.within(raw)}


def code_in(code: str, text: str) -> bool:
    """Whether a one-time code stands in a text as a number of its own, not inside a time or an id."""
    return re.search(rf"(?<![\w.:+-]){code}(?![\w.:-])", text) is not None


def in_tables(settings: Settings, schemas: tuple[str, ...], codes: list[str]) -> list[str]:
    """Return "schema.table: mark" for every row read raw that holds a mark where none may."""
    wrong = set()
    with sql(settings) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s)", (list(schemas),)
        ).fetchall()
        for schema, table in tables:
            for (row,) in connection.execute(f'SELECT t::text FROM "{schema}"."{table}" t'.encode()):
                names = found(row) | {"code" for code in codes if code_in(code, row)}
                wrong |= {f"{schema}.{table}: {name}" for name in names if (table, name) not in OPEN}
    return sorted(wrong)


def in_valkey(url: str) -> list[str]:
    """Return keys of Valkey that hold a mark, in their name or value; RQ packs what it keeps."""
    valkey = Redis.from_url(url)
    wrong = [
        f"{key!r}: {sorted(found(blob))}"
        for key in valkey.scan_iter()
        for blob in (key, *_values(valkey, key))
        if found(blob)
    ]
    valkey.close()
    return wrong


def _values(valkey: Redis, key: bytes) -> Iterator[bytes]:
    kind: Any = valkey.type(key)
    read: dict[bytes, Any] = {
        b"string": lambda: [valkey.get(key)],
        b"hash": lambda: [part for pair in valkey.hgetall(key).items() for part in pair],
        b"list": lambda: valkey.lrange(key, 0, -1),
        b"set": lambda: valkey.smembers(key),
        b"zset": lambda: valkey.zrange(key, 0, -1),
        b"stream": lambda: [json.dumps(valkey.xrange(key), default=str).encode()],
    }
    for value in read[kind]():
        blob = bytes(value or b"")
        yield blob
        try:
            yield zlib.decompress(blob)
        except zlib.error:
            continue


def on_disk(folder: Path) -> list[str]:
    """Return files under the data folder that hold a mark; a cluster's own files may hold what a column may."""
    wrong = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            names = found(path.read_bytes())
            if "cluster" in path.relative_to(folder).parts:
                names -= {name for _table, name in OPEN}
            wrong += [f"{path.relative_to(folder)}: {name}" for name in sorted(names)]
    return wrong


def in_kept_pages() -> list[str]:
    """Return keys of kept pages that hold a mark, in the page or in its key."""
    return [
        str(key)
        for key, page in list(pages.store._pages.items())
        if found(repr(key)) or any(found(body) for body in (page.bodies[""], repr(page.headers).encode()))
    ]


def in_cookies(app: Platform, cookies: list[str]) -> list[str]:
    """Return what a browser was given to keep and can be read by anybody who sees it."""
    interface = app.session_interface
    assert isinstance(interface, SecureCookieSessionInterface)
    signer = interface.get_signing_serializer(app)
    wrong = []
    for cookie in cookies:
        name, _, value = cookie.partition(";")[0].partition("=")
        text = cookie
        try:
            text += json.dumps(signer.loads(value), default=str) if signer else ""
        except Exception:  # no cookie of the session: what it holds stands in it
            text += ""
        wrong += [f"cookie {name}: {mark}" for mark in sorted(found(text))]
    return wrong
