"""The second factor at sign-in: asked for, compulsory for admins, each code once, guessing slow."""

from __future__ import annotations

import re
from collections.abc import Callable

import pyotp
import pytest
from sqlalchemy import LargeBinary, select, type_coerce

from mpp.accounts import totp
from mpp.accounts.models import Staff
from mpp.accounts.proof_models import StaffTotp
from mpp.accounts.totp import DEMO_SECRET
from mpp.audit import AuditEntry
from mpp.database.session import read, write
from mpp.settings import Settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.client import PASSWORD, Browser, Page
from tests.support.hall import at

Browse = Callable[..., Browser]
ADMIN = "admin@bukittinggi.contoh"
CODE = re.compile(r"[bcdfghjkmnpqrstvwxz23456]{4}(?:-[bcdfghjkmnpqrstvwxz23456]{4}){2}")


def half_way(browse: Browse, email: str = ADMIN) -> Browser:
    """Somebody who has given the right password and nothing else."""
    visitor = browse("bukittinggi")
    page = visitor.submit("/masuk", email=email, password=PASSWORD)
    assert page.location in {"/masuk/kode", "/masuk/pasang"}
    return visitor


def without_factor(app: Platform, region: Region) -> None:
    with at(app, region), write() as session:
        session.query(StaffTotp).delete()


def secret_on(page: Page) -> str:
    return "".join(page.all("code")[0].itertext()).replace(" ", "")


def codes_on(page: Page) -> list[str]:
    return CODE.findall(page.text)


def actions(app: Platform, region: Region) -> list[str]:
    with at(app, region), read() as session:
        return [entry.action for entry in session.query(AuditEntry).order_by(AuditEntry.id)]


def test_the_password_alone_opens_nothing(browse: Browse, bukittinggi: Region) -> None:
    visitor = half_way(browse)
    for path in ("/admin", "/akun-saya", "/akun-saya/keamanan", "/loket"):
        assert visitor.get(path).status == 302
    assert visitor.post("/admin/layanan/ktp-el-baru/nonaktifkan").status == 401
    # Nor does it lead to setting up a factor of one's own beside the owner's.
    assert visitor.get("/masuk/pasang").location == "/masuk/kode"
    assert visitor.post("/masuk/pasang", {"code": "123456"}).location == "/masuk/kode"


def test_a_code_works_once(browse: Browse, bukittinggi: Region) -> None:
    one, two = half_way(browse), half_way(browse)
    code = one.app_code(ADMIN)
    assert one.submit("/masuk/kode", code=f"{code[:3]} {code[3:]}").status == 302
    assert one.get("/admin").status == 200
    page = two.submit("/masuk/kode", code=code)
    assert page.status == 422 and "sudah dipakai" in page.words()
    assert two.get("/admin").status == 302


def test_two_requests_with_one_code_let_one_in(app: Platform, bukittinggi: Region) -> None:
    from mpp.accounts.factors import check_code
    from tests.support.hall import together

    with at(app, bukittinggi), read() as session:
        key = session.query(Staff).filter_by(email=ADMIN).one().id
    code = pyotp.TOTP(DEMO_SECRET).now()
    done = together(app, bukittinggi, [lambda: check_code(key, code)] * 4)
    assert sorted(done) == [False, False, False, True]


def test_guessing_codes_stops_after_five(app: Platform, browse: Browse, bukittinggi: Region) -> None:
    visitor = half_way(browse)
    for _ in range(5):
        assert "tidak cocok" in visitor.submit("/masuk/kode", code="000000").words()
    page = visitor.submit("/masuk/kode", code=visitor.app_code(ADMIN))
    assert page.status == 422 and "Tunggu 15 menit" in page.words()
    assert "account.lock" in actions(app, bukittinggi)


def test_half_a_sign_in_runs_out_and_dies_with_the_password(
    app: Platform, browse: Browse, bukittinggi: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = half_way(browse)
    assert visitor.get("/masuk/kode").status == 200
    with monkeypatch.context() as later:
        later.setattr("mpp.web.sign_in.HALF_SECONDS", -1)
        assert visitor.get("/masuk/kode").location == "/masuk"
    with at(app, bukittinggi), write() as session:
        session.query(Staff).filter_by(email=ADMIN).one().password_hash = "!"
    assert visitor.get("/masuk/kode").location == "/masuk"


@pytest.mark.parametrize("slug", ["bukittinggi", None])
def test_an_admin_without_a_factor_sets_one_up_first(
    app: Platform, browse: Browse, bukittinggi: Region, slug: str | None
) -> None:
    from mpp.accounts.proof_models import CentralTotp
    from mpp.database.session import central_write

    without_factor(app, bukittinggi)
    with app.app_context(), central_write() as session:
        session.query(CentralTotp).delete()
    email, home = (ADMIN, "/admin") if slug else ("pusat@panrb.contoh", "/pusat")
    visitor = browse(slug)
    assert visitor.submit("/masuk", email=email, password=PASSWORD).location == "/masuk/pasang"
    assert visitor.get(home).status == 302
    secret = secret_on(visitor.get("/masuk/pasang"))
    wrong = visitor.submit("/masuk/pasang", "/masuk/pasang", code="000000")
    assert wrong.status == 422 and secret_on(wrong) == secret
    page = visitor.submit("/masuk/pasang", "/masuk/pasang", code=pyotp.TOTP(secret).now())
    codes = codes_on(page)
    assert page.status == 200 and len(set(codes)) == 10
    assert visitor.get(home).status == 200
    # A recovery code stands in for the app, once.
    other = browse(slug)
    other.submit("/masuk", email=email, password=PASSWORD)
    assert other.submit("/masuk/kode", code=codes[3].upper()).status == 302
    assert other.get(home).status == 200
    third = browse(slug)
    third.submit("/masuk", email=email, password=PASSWORD)
    assert third.submit("/masuk/kode", code=codes[3]).status == 422


def test_who_began_a_set_up_elsewhere_does_not_know_the_secret(
    app: Platform, browse: Browse, bukittinggi: Region
) -> None:
    without_factor(app, bukittinggi)
    thief, owner = half_way(browse), half_way(browse)
    assert secret_on(thief.get("/masuk/pasang")) != secret_on(owner.get("/masuk/pasang"))


def test_an_officer_needs_none_but_is_asked_once_there_is_one(
    app: Platform, browse: Browse, bukittinggi: Region
) -> None:
    officer = browse("bukittinggi", as_="petugas")
    page = officer.get("/akun-saya/keamanan/aplikasi")
    secret = secret_on(page)
    refused = officer.submit(
        "/akun-saya/keamanan/aplikasi", code=pyotp.TOTP(secret).now(), current="bukan ini"
    )
    assert refused.status == 422
    page = officer.submit("/akun-saya/keamanan/aplikasi", code=pyotp.TOTP(secret).now(), current=PASSWORD)
    assert page.status == 200 and len(codes_on(page)) == 10
    assert officer.get("/loket").status != 401
    again = browse("bukittinggi").submit("/masuk", email="petugas@bukittinggi.contoh", password=PASSWORD)
    assert again.location == "/masuk/kode"
    # An officer may go back to the password alone.
    officer.submit("/akun-saya/keamanan", "/aplikasi/hapus", current=PASSWORD)
    again = browse("bukittinggi").submit("/masuk", email="petugas@bukittinggi.contoh", password=PASSWORD)
    assert (again.location or "").startswith("/loket")


def test_an_admin_keeps_the_last_factor(browse: Browse, bukittinggi: Region) -> None:
    admin = browse("bukittinggi", as_="admin")
    admin.submit("/akun-saya/keamanan", "/aplikasi/hapus", current=PASSWORD)
    assert "mewajibkannya" in admin.get("/akun-saya/keamanan").words()
    page = admin.submit("/akun-saya/keamanan", "/kode-cadangan", current=PASSWORD)
    assert len(codes_on(page)) == 10
    assert admin.submit("/akun-saya/keamanan", "/kode-cadangan", current="bukan ini").status == 302


def test_the_page_of_a_demo_account_shows_its_code_and_only_there(
    app: Platform, browse: Browse, bukittinggi: Region
) -> None:
    visitor = half_way(browse)
    shown = re.search(r"data-demo-code>(\d{6})<", visitor.get("/masuk/kode").text)
    assert shown
    assert visitor.submit("/masuk/kode", code=shown[1]).status == 302
    with at(app, bukittinggi), write() as session:
        session.query(Staff).filter_by(email=ADMIN).one().demo = False
    assert "data-demo-code" not in half_way(browse).get("/masuk/kode").text


def test_secrets_lie_sealed_and_open_nowhere_else(
    app: Platform, bukittinggi: Region, banyuwangi: Region
) -> None:
    from mpp.accounts.secrets import UnreadableSecretError, hide, reveal

    with at(app, bukittinggi):
        hidden = hide("RAHASIA", "app:1")
        assert b"RAHASIA" not in hidden and reveal(hidden, "app:1") == "RAHASIA"
        assert hide("RAHASIA", "app:1") != hidden
        with pytest.raises(UnreadableSecretError):
            reveal(hidden, "app:2")
        with pytest.raises(UnreadableSecretError):
            reveal(hidden[:-1] + bytes([hidden[-1] ^ 1]), "app:1")
    with at(app, banyuwangi), pytest.raises(UnreadableSecretError):
        reveal(hidden, "app:1")
    with at(app, bukittinggi), read() as session:
        stored = session.scalars(select(type_coerce(StaffTotp.secret, LargeBinary))).all()
        assert stored and all(DEMO_SECRET.encode() not in bytes(secret) for secret in stored)
        assert {row.secret for row in session.query(StaffTotp)} == {DEMO_SECRET}


def test_turning_the_keys_keeps_apps_and_paper(
    app: Platform, bukittinggi: Region, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Secrets of apps are sealed anew; a code on paper and a count are found under the key they were made with."""
    from mpp.accounts import recovery
    from mpp.accounts.secrets import fingerprint, fingerprints
    from mpp.crypto import keyring, rotation

    with at(app, bukittinggi), write() as session:
        admin = session.query(Staff).filter_by(email=ADMIN).one()
        before, (code, *_others) = fingerprint("link", "x"), recovery.renew(session, admin.id)
        first = session.scalars(select(type_coerce(StaffTotp.secret, LargeBinary))).all()
    monkeypatch.setattr(keyring, "SECONDS_ANNOUNCED", 0.0)
    assert rotation.rotate(settings, bukittinggi, lambda _line: None).left == 0
    app.extensions[keyring.EXTENSION].forget()
    with at(app, bukittinggi), write() as session:
        assert fingerprint("link", "x") != before and before in fingerprints("link", "x")
        later = session.scalars(select(type_coerce(StaffTotp.secret, LargeBinary))).all()
        assert set(first).isdisjoint(later)
        assert totp.check(session, admin.id, pyotp.TOTP(DEMO_SECRET).now())
        assert recovery.use(session, admin.id, code) and not recovery.use(session, admin.id, code)


def test_who_knows_only_the_password_slips_no_factor_in_beside_the_owners(
    app: Platform, bukittinggi: Region
) -> None:
    """The page looks before; what keeps the factor looks again, under the account's lock."""
    from mpp.accounts import totp
    from mpp.accounts.factors import NotFirstError, add_app, add_passkey
    from mpp.accounts.passkeys import Place
    from tests.support.hall import together
    from tests.support.staff import add_staff

    key = add_staff(app, bukittinggi, "baru@bukittinggi.contoh", "officer")
    here = Place("bukittinggi.localhost", "http://bukittinggi.localhost")

    def set_up() -> str:
        secret = totp.new_secret()
        try:
            return "in" if add_app(key, secret, pyotp.TOTP(secret).now(), first=True) else "wrong"
        except NotFirstError:
            return "late"

    assert sorted(together(app, bukittinggi, [set_up] * 3)) == ["in", "late", "late"]
    with at(app, bukittinggi), pytest.raises(NotFirstError):
        add_passkey(key, here, "x", "{}", "Kunci pencuri", first=True)
