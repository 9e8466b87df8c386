"""(k) What secrecy costs: sealed numbers on a page, the audit row of an act, and a look-up of a NIK by blind index."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import secrets
import statistics
import time
from collections.abc import Callable
from unittest.mock import patch

from flask import render_template_string, request
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session, undefer

from mpp import audit
from mpp.accounts.models import Staff
from mpp.crypto.masks import mask_phone
from mpp.crypto.types import same
from mpp.database.session import read, write
from mpp.settings import Settings
from mpp.tenancy.provision import owner
from mpp.tenancy.region import Region
from mpp.tenancy.resolver import Scope
from mpp.web.access import ANYBODY, audience
from mpp.web.flask import Platform
from mpp.web.limits import limiter
from tenants.hall.models import Counter, CounterState
from tenants.people.models import Profile
from tenants.queueing import history, taking
from tenants.queueing.models import Ticket
from tests.bench.report import figure, interleaved, percentile
from tests.support.client import Browser
from tests.support.hall import at, counters_of
from wsgi import create_app

SERVICE = "ktp-el-baru"
PEOPLE = 50
PAGES = 400
ACTS = 600
LOOK_UPS = 100_000
BLOCK = 500
KNOWN = 500
SIZES = (1_000, 1_000_000)
MOST = 10.0
MOST_GROWTH = 1.2
keys = itertools.count()

PAGE = """{% extends "base/staff.html" %}{% block title %}Warga{% endblock %}
{% block content %}<table class="table"><tbody>
{% for t, phone in people %}<tr><td>{{ t.label }}</td><td>{{ t.holder }}</td>
<td>{{ t.issued_at | tanggal }} {{ t.issued_at | jam }}</td><td class="num">{{ phone }}</td></tr>{% endfor %}
</tbody></table>{% endblock %}"""


def run(settings: Settings, app: Platform, region: Region, neighbour: Region) -> bool:
    """Print the three costs; return whether all goals are met. The neighbour gets the large table."""
    # One officer pauses and resumes more often than anybody may: what is measured is the act.
    limiter.enabled = False
    met = _page(settings, region)
    met = _acts(app, region) and met
    return _look_ups(settings, app, region, neighbour) and met


def _page(settings: Settings, region: Region) -> bool:
    """A whole request for a page with 50 people whose covered numbers come out of a sealed or an open column."""
    app = create_app(settings)
    blueprint = audience("bench", __name__, scope=Scope.REGION, access=ANYBODY)

    @blueprint.get("/bench/warga")
    def people() -> str:
        column = Ticket.phone if request.args.get("segel") else Ticket.phone_open
        with read() as session:
            query = select(Ticket).options(undefer(column)).order_by(Ticket.id.desc()).limit(PEOPLE)
            found = session.scalars(query).all()
            shown = [(t, mask_phone(getattr(t, column.key))) for t in found]
            return render_template_string(PAGE, people=shown)

    app.register_blueprint(blueprint)
    with at(app, region):
        _people(PEOPLE)
        with write() as session:
            session.execute(text("UPDATE ticket SET phone = '+6281299990000'"))
    client, base = app.test_client(), f"http://{region.slug}.localhost"

    def get(query: str) -> Callable[[], None]:
        def ask() -> None:
            answer = client.get(f"/bench/warga{query}", base_url=base)
            assert answer.status_code == 200
            assert answer.text.count("0812-") == PEOPLE

        return ask

    sealed, open_ = get("?segel=1"), get("")
    interleaved(sealed, open_, 30)
    with_seal, without = interleaved(sealed, open_, PAGES)
    figure("secrets", "page_with_50_people", statistics.median(with_seal) * 1000, "ms")
    with owner(settings) as connection:
        connection.execute(f"UPDATE {region.schema}.ticket SET phone = NULL".encode())
    return figure("secrets", "page_encryption_cost", _cost(with_seal, without), "%", most=MOST)


def _acts(app: Platform, region: Region) -> bool:
    """Acts with and without their audit row: an officer's press, and taking a number as if it had one (it has none)."""

    def nothing(*_args: object, **_options: object) -> None:
        return None

    real = audit.record
    with at(app, region), write() as session:
        staff = session.scalars(select(Staff).where(Staff.email == f"petugas@{region.slug}.contoh")).one()
        counter_id = counters_of(SERVICE)[0].id
        counter = session.get_one(Counter, counter_id)
        counter.officer_id, counter.state = staff.id, CounterState.OPEN
    officer = Browser(app, f"{region.slug}.localhost")
    officer.sign_in(f"petugas@{region.slug}.contoh")
    token = {"csrf_token": officer.token(), "loket": str(counter_id)}

    def pause_and_resume() -> None:
        for word in ("jeda", "buka"):
            answer = officer.client.post(f"/loket/{word}", data=token, base_url=officer.base)
            assert answer.status_code == 303, answer.status

    def without_row() -> None:
        with patch.object(audit, "record", nothing):
            pause_and_resume()

    interleaved(pause_and_resume, without_row, 20)
    with_row, bare = interleaved(pause_and_resume, without_row, ACTS)
    figure("secrets", "staff_act", statistics.median(with_row) * 500, "ms")
    met = figure("secrets", "audit_cost_staff_act", _cost(with_row, bare), "%", most=MOST)

    def take() -> None:
        _take(None)

    def take_with_row() -> None:
        with patch.object(taking, "note", _noting(real)):
            _take(None)

    with at(app, region):
        interleaved(take_with_row, take, 20)
        with_row, bare = interleaved(take_with_row, take, ACTS)
    figure("secrets", "take_ticket", statistics.median(bare) * 1000, "ms")
    return figure("secrets", "audit_cost_take_ticket", _cost(with_row, bare), "%", most=MOST) and met


def _noting(record: Callable[..., None]) -> Callable[..., object]:
    plain = history.note

    def note(session: Session, ticket: Ticket, kind: str, **options: object) -> object:
        record(
            session, action=f"ticket.{kind}", subject=f"ticket:{ticket.id}", data={"channel": ticket.channel}
        )
        return plain(session, ticket, kind, **options)  # type: ignore[arg-type]  # passed on as they came

    return note


def _look_ups(settings: Settings, app: Platform, small: Region, large: Region) -> bool:
    """A hundred thousand look-ups of people by NIK, in turn in a small table and in one a thousand times its size."""
    for region, size in zip((small, large), SIZES, strict=True):
        with at(app, region), write() as session:
            session.execute(insert(Profile), [_person(n) for n in range(KNOWN)])
        _fill(settings, region, size)
    times: dict[int, list[float]] = {small.id: [], large.id: []}
    began = time.perf_counter()
    for turn in range(LOOK_UPS // BLOCK):
        region = (small, large)[turn % 2]
        with at(app, region), read() as session:
            for number in random.Random(turn).choices(range(KNOWN), k=BLOCK):
                start = time.perf_counter()
                found = session.scalars(select(Profile.id).where(same(Profile.nik_index, _nik(number)))).all()
                times[region.id].append(time.perf_counter() - start)
                assert len(found) == 1
    figure("secrets", "nik_look_ups", LOOK_UPS / (time.perf_counter() - began), "1/s")
    growth = statistics.median(times[large.id]) / statistics.median(times[small.id])
    return figure("secrets", "nik_look_up_growth_by_1000_times_the_rows", growth, "x", most=MOST_GROWTH)


def _nik(number: int) -> str:
    return f"9901010101{number:06d}"


def _person(number: int) -> dict[str, object]:
    return {
        "subject": f"secrets-{number}", "name": f"Warga {number}", "nik": _nik(number), "consent_version": "1",
        "consented_at": dt.datetime.now(tz=dt.UTC),
    }  # fmt: skip


def _fill(settings: Settings, region: Region, size: int) -> None:
    """Bring the table to `size` rows; all but a few hundred bear a random index, as a stranger's NIK does."""
    with owner(settings) as connection:
        connection.execute(f"SET search_path TO {region.schema}, platform".encode())
        row = connection.execute("SELECT count(*) FROM profile").fetchone()
        assert row is not None
        connection.execute(
            "INSERT INTO profile (subject, name, nik_index, consent_version, consented_at)"
            " SELECT 'stranger-' || n, p.name, '\\x010001'::bytea || substring(sha256(int8send(n)) FROM 1 FOR 16), '1',"
            " now() FROM (SELECT name FROM profile ORDER BY id LIMIT 1) p, generate_series(%s::bigint, %s) n",
            (int(row[0]) + 1, size),
        )
        connection.execute("ANALYZE profile")


def _people(count: int) -> None:
    """People with numbers, made without the rule of the line."""
    model = _take("081299990000")
    same_day = {name: getattr(model, name) for name in ("hall_id", "service_id", "local_day")}
    made = f"{next(keys)}-{secrets.token_hex(4)}"
    people = [
        {**same_day, "code": f"p{made}-{n}", "idempotency_key": f"people-{made}-{n}", "prefix": f"P{made}",
         "number": n, "channel": "web", "holder": f"Warga {n}", "phone": f"+628129999{n:04d}", "state": "completed"}
        for n in range(1, count + 1)
    ]  # fmt: skip
    with write() as session:
        session.execute(insert(Ticket), people)


def _take(phone: str | None) -> Ticket:
    key = f"secrets-{next(keys)}-{secrets.token_hex(6)}"
    # However many have come: what is measured is the taking, not the length of the day.
    with patch.object(taking, "can_still_be_served", lambda *_args: True):
        return taking.take_ticket(SERVICE, "B.", phone, key, "web")


def _cost(with_it: list[float], without: list[float]) -> float:
    """Percent that the lower quartile grows by: what else runs on the machine only ever adds."""
    return (percentile(with_it, 0.25) / percentile(without, 0.25) - 1) * 100
