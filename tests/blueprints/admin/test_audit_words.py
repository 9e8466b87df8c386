"""Every act that is written has its sentence, and no sentence shows a gap of its own making or breaks the page."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from typing import Any

import pytest

from mpp import audit
from mpp.accounts.permissions import Action
from mpp.database.session import write
from mpp.privacy.kinds import all_kinds
from mpp.settings import ROOT
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.operations.audit_words import NOTHING, SENTENCES, change_lines, sentence
from tests.support.client import Browser
from tests.support.hall import at

ACT = re.compile(r"[a-z]+\.[a-z_]+")
# Functions that take such a word and write no act: jobs, kinds of record, pages.
NO_ACTS = {
    "Kind", "Section", "declare", "kind", "next", "handler", "central_handler", "post", "url_for", "render_template",
}  # fmt: skip
JOBS = {
    "catalogue.activity", "device.print", "leak.tell", "privacy.erase_subject", "privacy.left", "privacy.retain_more",
    "region.provision", "support.notice", "support.over",
}  # fmt: skip
# Made at the moment of writing, out of what is written there.
FORMED = {
    "counter.": ("counter.open", "counter.pause", "counter.close"),
    "citizen.wait_": ("citizen.wait_phone", "citizen.wait_recover"),
}
# What stands in entries beside their subject, as it is written.
DETAILS: dict[str, dict[str, Any]] = {
    "hall.closure": {"kind": "closed", "starts_on": "2026-12-24", "ends_on": "2026-12-26", "reason": "Cuti bersama"},
    "hall.closure_removed": {"kind": "open", "starts_on": "2026-12-24", "ends_on": "2026-12-24", "reason": "Batal"},
    "agency.add": {"agency": "samsat"},
    "agency.edit": {"agency": "samsat"},
    "agency.remove": {"agency": "samsat"},
    "queue.rule": {"reason": "Antrean panjang"},
    "voice.upload": {"units": "a, b", "count": 2},
    "voice.remove": {"units": "a, b", "count": 2},
    "ticket.class": {"number": "A-001", "from": "lansia", "to": "bukan prioritas"},
    "queue.lease": {"device": "kertas", "prefix": "A", "first": 1, "last": 50},
    "rights.find": {"purpose": "asked"},
    "person.show": {"field": "phone", "purpose": "call"},
    "helping.begin": {"help": "no_phone"},
    "helping.act": {"help": "no_phone"},
    "paper.enter": {"number": "A-001"},
    "counter.delete": {"number": 12},
    **{
        f"device.{verb}": {"name": "Kios 1"}
        for verb in ("add", "code", "enrol", "rename", "settings", "test_print", "revoke", "speak", "hush")
    },
    **{f"device.{verb}": {"name": "Kios 1", "number": "A-001"} for verb in ("print_again", "print_desk")},
    "support.page": {"path": "/admin/layanan", "method": "GET"},
    "support.refused": {"path": "/admin/petugas", "method": "POST"},
}  # fmt: skip


def named(folder: str) -> Iterator[str]:
    """Every act that code of a folder names where it writes one."""
    for path in (ROOT / folder).rglob("*.py"):
        text = path.read_text()
        if "audit" not in text and ".tell(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Assign):
                parts = [node.value]
            elif isinstance(node, ast.Call) and _name(node) not in NO_ACTS:
                parts = [*node.args, *(k.value for k in node.keywords)]
            else:
                continue
            for said in (said for part in parts for said in _words(part)):
                yield from FORMED.get(said, (said,) if ACT.fullmatch(said) else ())


def _words(node: ast.AST) -> Iterator[str]:
    """The texts of an expression; the arguments of a call inside are that call's own."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif not isinstance(node, ast.Call):
        for part in ast.iter_child_nodes(node):
            yield from _words(part)


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def written() -> set[str]:
    found = {act for folder in ("platform/mpp", "tenants", "blueprints") for act in named(folder)}
    own = {act.partition(".")[0] for act in SENTENCES} | {"citizen", "family", "power", "region", "catalogue"}
    return {act for act in found if act.partition(".")[0] in own}


def no_acts() -> set[str]:
    """What is named alike and is none: permissions, kinds of record, jobs."""
    return {a.value for a in Action} | {k.key for k in all_kinds()} | JOBS


def central() -> set[str]:
    """The acts of which the centre's page has words."""
    text = (ROOT / "templates" / "central" / "_audit.html").read_text()
    return set(re.findall(r'"([a-z]+\.[a-z_]+)": _\(', text))


def test_every_act_that_is_written_has_words() -> None:
    acts = written()
    assert {"ticket.class", "counter.pause", "citizen.wait_phone", "leak.release"} <= acts
    assert sorted(acts - set(SENTENCES) - central() - no_acts()) == []


def test_words_stand_for_acts_that_are_written() -> None:
    assert sorted(set(SENTENCES) - written()) == []


@pytest.mark.parametrize("act", SENTENCES)
def test_a_sentence_shows_what_the_entry_tells_and_nothing_raw(act: str) -> None:
    places = {name for _text, name, _spec, _conversion in string.Formatter().parse(SENTENCES[act]) if name}
    details = DETAILS.get(act, {})
    told = sentence(act, "thing:1", details, {"thing:1": "{benda} <satu>", "agency:samsat": "Samsat"})
    assert (places == {"subject"} or not places) or act in DETAILS, f"{act}: say in DETAILS what it tells"
    assert NOTHING not in told and not re.search(r"[{}]", told.replace("{benda}", "")), told
    # An entry of an older day, or one that somebody wrote otherwise, breaks no page.
    odd = [*places, "first", "last", "starts_on", "ends_on", "before", "after"]
    values: list[Any] = [None, "{x}", ["{x}", 1], {"y": 1}]
    for data in ({}, *(dict.fromkeys(odd, value) for value in values)):
        assert sentence(act, "thing:1", data, {}) and isinstance(change_lines(data, {}), list)


def test_the_page_shows_a_changed_class_in_words(app: Platform, admin: Browser, bukittinggi: Region) -> None:
    with at(app, bukittinggi), write() as session:
        for act in SENTENCES:
            audit.record(session, action=act, subject="ticket:7", data=DETAILS.get(act))
    page = admin.get("/admin/catatan")
    assert page.status == 200 and not re.search(r"[{}]", page.words())
    pages = [page.words(), *(admin.get(f"/admin/catatan?halaman={n}").words() for n in (2, 3))]
    assert any(
        "mengubah kelas prioritas nomor A-001: lansia menjadi bukan prioritas" in words for words in pages
    )
