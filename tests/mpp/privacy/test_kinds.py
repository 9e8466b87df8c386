"""The list of what is held about people is whole: every table and every marked column has its say."""

from __future__ import annotations

from mpp.database.registry import platform_tables, region_tables
from mpp.jobs.handlers import clocked
from mpp.privacy.document import DOCUMENT, document
from mpp.privacy.kinds import Erasure, about_nobody, all_kinds, harmless, strong_marks, weak_marks
from mpp.tenancy.region import Region

REGION = Region(1, "13.75", "x", "X", "kota", "Y", "region_1", "role_1", "Asia/Jakarta")


def test_every_table_and_every_column_about_a_person_is_in_the_list() -> None:
    listed: dict[str, set[str]] = {}
    for kind in all_kinds():
        for table, columns in kind.columns.items():
            listed.setdefault(table, set()).update(columns)
    wrong = []
    for table in (*region_tables(), *platform_tables()):
        name, there = table.fullname, {column.name for column in table.columns}
        excused = {key.rpartition(".")[2] for key in harmless() if key.rpartition(".")[0] == name}
        if name in about_nobody():
            wrong += [f"{name}.{c} is about a person" for c in strong_marks(table) - excused]
            wrong += [f"{name} is both about people and about nobody"] * (name in listed)
        elif name not in listed:
            wrong.append(f"{name} is not in the list of kinds (mpp/privacy, tenants/*/records.py)")
        else:
            missing = (strong_marks(table) | weak_marks(table)) - listed[name] - excused
            wrong += [f"{name}.{column} is in no kind" for column in sorted(missing)]
            wrong += [f"{name}.{column} is not there" for column in sorted(listed[name] - there)]
    assert wrong == []


def test_every_kind_ends_or_says_why_it_stays() -> None:
    jobs = {entry.kind for place in (REGION, None) for entry in clocked(place)}
    for kind in all_kinds():
        assert kind.purpose and kind.basis and kind.origin and kind.receivers and kind.why, kind.key
        assert kind.after, kind.key
        assert kind.days is None or kind.expiries or kind.ended_by, f"{kind.key} ends by nothing"
        assert kind.ended_by is None or kind.ended_by in jobs, f"{kind.key}: no job {kind.ended_by}"
        if kind.erasure is Erasure.KEPT:
            assert "Pasal" in kind.erasure_words or "UU" in kind.erasure_words, (
                f"{kind.key} is kept by no law"
            )
        for expiry in kind.expiries:
            assert expiry.table in kind.columns, f"{kind.key} ends rows of a table that is not its own"


def test_the_printed_document_is_current() -> None:
    assert DOCUMENT.read_text() == document(), "docs/privacy.md is old: mpp privacy document --write"
