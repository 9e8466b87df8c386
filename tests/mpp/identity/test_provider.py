"""The provider by the letter: what it says of itself, what it refuses, how long what it gives is good."""

from __future__ import annotations

import datetime as dt

from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import func, select, update

from mpp.database.session import central_read, central_write
from mpp.identity import grants, keys
from mpp.identity.models import Grant, SigningKey
from mpp.tenancy.models import RegionHost, RegionRecord
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.citizens import NAME, NIK
from tests.support.desk import Desk, fetch


def test_discovery_and_keys(app: Platform) -> None:
    answer = fetch(app, "/.well-known/openid-configuration")
    document = answer.get_json()
    # Authlib's own rules want https, which development has not.
    secure = {
        k: v.replace("http://", "https://", 1) if isinstance(v, str) else v for k, v in document.items()
    }
    OpenIDProviderMetadata(secure).validate()
    for name in ("jwks_uri", "token_endpoint", "userinfo_endpoint", "authorization_endpoint"):
        assert document[name].startswith(document["issuer"])
    (key,) = fetch(app, "/oidc/jwks.json").get_json()["keys"]
    assert "d" not in key and (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")
    with app.app_context(), central_read() as session:
        sealed = session.scalars(select(SigningKey)).one()
        assert '"d"' in sealed.private, "kept whole, sealed"


def test_the_whole_exchange(desk: Desk) -> None:
    token = desk.trade(desk.code())
    assert token.status_code == 200 and token.headers["Cache-Control"] == "no-store"
    body = token.get_json()
    assert "refresh_token" not in body and body["expires_in"] <= 20 * 60
    found = KeySet.import_key_set(fetch(desk.app, "/oidc/jwks.json").get_json())
    claims = jwt.decode(body["id_token"], found, algorithms=["RS256"]).claims
    assert claims["aud"] == str(desk.region.id) and claims["exp"] - claims["iat"] <= 300
    assert set(claims) == {"iss", "aud", "iat", "exp", "auth_time", "nonce", "at_hash", "sub", "acr"}, (
        "no personal data"
    )
    told = desk.userinfo(body["access_token"]).get_json()
    assert told == {"sub": claims["sub"], "name": NAME, "phone_number": "+6281299990101", "nik": NIK}


WRONG: tuple[dict[str, str | None], ...] = (
    {"code_challenge": None}, {"code_challenge_method": None}, {"code_challenge_method": "plain"},
    {"code_challenge": "kurang"}, {"nonce": None}, {"scope": "profile"}, {"scope": None},
    {"response_type": "token"}, {"response_type": "code id_token"}, {"response_type": None},
    {"client_id": None}, {"client_id": "999999"}, {"client_id": "1 OR 1=1"}, {"client_id": "²"},
    {"redirect_uri": None}, {"redirect_uri": "https://jahat.contoh/warga/kembali"},
)  # fmt: skip


def test_what_is_not_asked_rightly_gets_no_code(desk: Desk) -> None:
    for changes in WRONG:
        answer = desk.ask(**changes)
        assert answer.status_code == 400 and answer.location is None, changes
        text = answer.get_data(as_text=True)
        assert "jahat.contoh" not in text and "Permintaan masuk tidak bisa diteruskan" in text


def test_the_callback_is_exact(desk: Desk) -> None:
    for wrong in (
        "/../warga/kembali", "?x=1", "#x", "/", "%2F", "@jahat.contoh", ".jahat.contoh",
    ):  # fmt: skip
        assert desk.ask(redirect_uri=desk.callback + wrong).status_code == 400
    neighbour = desk.callback.replace("bukittinggi", "banyuwangi")
    assert desk.ask(redirect_uri=neighbour).status_code == 400
    assert desk.ask(redirect_uri=desk.callback.replace("http:", "https:")).status_code == 400
    with desk.app.app_context(), central_write() as session:
        session.add(RegionHost(host="mpp.bukittinggi.contoh", region_id=desk.region.id))
    own = "http://mpp.bukittinggi.contoh:8000/warga/kembali"
    answer = desk.ask(redirect_uri=own)
    assert answer.status_code == 302 and answer.location.startswith(own), "a custom host of its own"


def test_a_suspended_region_gets_nothing(desk: Desk) -> None:
    code = desk.code()
    with desk.app.app_context(), central_write() as session:
        session.execute(
            update(RegionRecord).where(RegionRecord.id == desk.region.id).values(state="suspended")
        )
    assert desk.ask().status_code == 400
    assert desk.trade(code).status_code == 401


def test_a_nonce_is_taken_once(desk: Desk) -> None:
    desk.code(nonce="sekali-saja")
    assert desk.ask(nonce="sekali-saja").status_code == 400


def test_a_code_is_good_once_and_takes_its_token_along(desk: Desk) -> None:
    code = desk.code()
    token = desk.trade(code).get_json()["access_token"]
    assert desk.userinfo(token).status_code == 200
    assert desk.trade(code).get_json()["error"] == "invalid_grant"
    assert desk.userinfo(token).status_code == 401, "one of the two was a thief"


def test_a_wrong_exchange_gives_nothing(desk: Desk) -> None:
    for changes in (
        {"code_verifier": "w" * 64}, {"code_verifier": ""}, {"redirect_uri": "http://jahat.contoh/"},
        {"secret": "salah"}, {"grant_type": "password"}, {"grant_type": "refresh_token"},
    ):  # fmt: skip
        assert desk.trade(desk.code(), **changes).status_code in {400, 401}, changes


def test_any_try_spends_the_code(desk: Desk) -> None:
    code = desk.code()
    assert desk.trade(code, code_verifier="w" * 64).status_code == 400
    assert desk.trade(code).status_code == 400


def test_the_neighbour_cannot_trade_it(desk: Desk, banyuwangi: Region) -> None:
    code = desk.code()
    other = Desk(desk.app, banyuwangi, desk.siti)
    assert other.trade(code, redirect_uri=desk.callback).status_code == 400
    assert desk.trade(code).status_code == 400, "and it is spent"


def test_codes_and_tokens_run_out(desk: Desk) -> None:
    code = desk.code()
    with desk.app.app_context(), central_write() as session:
        assert session.scalars(select(Grant.expires_at - Grant.created_at)).one() <= dt.timedelta(seconds=61)
        session.execute(update(Grant).values(expires_at=func.now()))
    assert desk.trade(code).status_code == 400
    token = desk.trade(desk.code()).get_json()["access_token"]
    with desk.app.app_context(), central_write() as session:
        session.execute(update(Grant).values(token_expires_at=func.now()))
    assert desk.userinfo(token).status_code == 401


def test_signing_out_at_the_centre_ends_what_is_on_its_way(desk: Desk) -> None:
    code, token = desk.code(), desk.trade(desk.code()).get_json()["access_token"]
    desk.siti.sign_out_everywhere()
    assert desk.trade(code).status_code == 400
    assert desk.userinfo(token).status_code == 401
    answer = desk.ask()
    assert answer.status_code == 302 and answer.location.startswith("/akun/")


def test_without_or_with_a_foreign_token(desk: Desk) -> None:
    assert fetch(desk.app, "/oidc/userinfo").status_code == 401
    assert desk.userinfo("x" * 48).status_code == 401


def test_hashes_only_lie_in_the_database(desk: Desk) -> None:
    code = desk.code()
    token = desk.trade(code).get_json()["access_token"]
    with desk.app.app_context(), central_read() as session:
        row = session.scalars(select(Grant)).one()
    kept = str({name: value for name, value in vars(row).items() if name != "_sa_instance_state"})
    assert code not in kept and token not in kept and "Siti" not in kept


def test_keys_turn_and_old_tokens_still_verify(desk: Desk) -> None:
    before = desk.trade(desk.code()).get_json()["id_token"]
    with desk.app.app_context(), central_write() as session:
        keys.turn(session)
        session.execute(update(SigningKey).values(created_at=func.now() - keys.SIGNS_FOR))
        keys.turn(session)
    after = desk.trade(desk.code()).get_json()["id_token"]
    published = KeySet.import_key_set(fetch(desk.app, "/oidc/jwks.json").get_json())
    assert len(published.keys) == 2
    for token in (before, after):
        jwt.decode(token, published, algorithms=["RS256"])
    with desk.app.app_context(), central_write() as session:
        late = keys.SIGNS_FOR + keys.PUBLISHED_AFTER + dt.timedelta(seconds=1)
        oldest = select(func.min(SigningKey.created_at)).scalar_subquery()
        session.execute(
            update(SigningKey).where(SigningKey.created_at == oldest).values(created_at=func.now() - late)
        )
        keys.turn(session)
    assert len(fetch(desk.app, "/oidc/jwks.json").get_json()["keys"]) == 1


def test_spent_grants_are_forgotten(desk: Desk) -> None:
    desk.code()
    with desk.app.app_context(), central_write() as session:
        session.execute(update(Grant).values(expires_at=func.now() - grants.KEPT - dt.timedelta(seconds=1)))
        grants.prune(session)
        assert session.scalar(select(func.count()).select_from(Grant)) == 0
