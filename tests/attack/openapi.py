"""The JSON routes as OpenAPI: addresses out of the routes themselves, answers as written here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from werkzeug.routing import Rule

from mpp.tenancy.resolver import Scope
from mpp.web.flask import Platform

Schema = dict[str, Any]
# The largest number that both a bigint and a browser hold exactly, and somewhat more: what lies above must be refused.
LARGEST = 2**64


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


TEXT: Schema = {"type": "string"}
MAYBE: Schema = {"type": ["string", "null"]}
WHOLE: Schema = {"type": "integer"}
YES: Schema = {"type": "boolean"}
ADDRESS: Schema = {"type": "string", "pattern": "^https?://"}
ERROR: Schema = {"type": "object", "properties": {"error": TEXT}, "required": ["error"]}
STATUS = _object(status={"enum": ["ok", "menunggu"]})
NOTICE = _object(notice=MAYBE, field=MAYBE, moved={"type": "boolean"})


def _list(of: Schema = TEXT) -> Schema:
    return {"type": "array", "items": of}


CALL = _object(id=WHOLE, number=TEXT, counter=TEXT, place=TEXT, waiting=YES)
# What a display shows: tenants.lobby.board.Board.
BOARD = _object(
    version=TEXT, calling={"anyOf": [CALL, {"type": "null"}]}, last=_list(CALL),
    aloud=_list(_object(id=WHOLE, number=TEXT, counter=WHOLE, at=WHOLE, said=_list(_list()))),
    counters=_list(
        _object(
            number=WHOLE, name=TEXT, agency=TEXT, ticket=MAYBE, note=MAYBE,
            state={"enum": ["free", "calling", "serving", "paused", "resting", "absent", "closed"]},
        )
    ),
    people={"type": "integer", "minimum": 0}, next=_list(), running=_list(), at=TEXT, now=WHOLE,
    sound=_object(
        volume={"type": "integer", "minimum": 0, "maximum": 100}, quiet_from=MAYBE, quiet_to=MAYBE,
        languages=_list(), names=YES, voice=TEXT, test=WHOLE,
    ),
)  # fmt: skip
# The words of OpenID Connect Discovery that a region's server reads, and nothing that is not offered.
PROVIDER = _object(
    issuer=ADDRESS, authorization_endpoint=ADDRESS, token_endpoint=ADDRESS, userinfo_endpoint=ADDRESS,
    jwks_uri=ADDRESS, response_types_supported={"const": ["code"]}, response_modes_supported={"const": ["query"]},
    grant_types_supported={"const": ["authorization_code"]}, subject_types_supported={"const": ["pairwise"]},
    id_token_signing_alg_values_supported={"const": ["RS256"]},
    token_endpoint_auth_methods_supported={"const": ["client_secret_basic"]},
    code_challenge_methods_supported={"const": ["S256"]}, scopes_supported=_list(), claims_supported=_list(),
    authorization_response_iss_parameter_supported={"const": True}, prompt_values_supported=_list(),
    ui_locales_supported=_list(), acr_values_supported=_list(),
)  # fmt: skip
# Public halves alone: no other word of a key is let through.
KEY = _object(kty={"const": "RSA"}, alg={"const": "RS256"}, use={"const": "sig"}, kid=TEXT, n=TEXT, e=TEXT)
TOKEN = _object(
    access_token={"type": "string", "minLength": 40}, id_token=TEXT, token_type={"const": "Bearer"},
    expires_in={"type": "integer", "minimum": 1}, scope=TEXT,
)  # fmt: skip
TOLD = _object(sub=TEXT, name=TEXT, phone_number={"type": "string", "pattern": "^[+]62"}, nik=TEXT) | {
    "required": ["sub"]
}


@dataclass(frozen=True, slots=True)
class Described:
    """What a JSON route takes, and what it answers by code. None: an answer without a body, or a page."""

    answers: dict[int, Schema | None]
    query: tuple[str, ...] = ()
    form: tuple[str, ...] = ()
    body: Schema | None = None


def _act(*form: str) -> Described:
    """An officer's press, asked for by a script."""
    return Described({200: NOTICE, 409: NOTICE}, form=("kunci", "loket", *form))


DESCRIBED: dict[str, Described] = {
    "health.alive": Described({200: STATUS}),
    "health.ready": Described({200: STATUS, 503: STATUS}),
    "display.state": Described({200: BOARD, 304: None}, query=("zona",)),
    "display.alive": Described({200: _object(home=TEXT, speaks=YES, release=TEXT)}),
    "display.name": Described({200: _object(name=TEXT)}),
    "kiosk.alive": Described({200: _object(mark=TEXT), 503: _object(closed={"const": True})}),
    "counter.call": _act("sesudah"),
    "counter.call_one": _act("sebab", "alasan"),
    "counter.move": _act("alasan", "layanan", "tujuan", "kelas", "sebab-kelas"),
    "counter.alarm": _act(),
    "counter.answered": _act("alasan"),
    "counter.here": _act(),
    "counter.sit": _act("ambil_alih"),
    "counter.pause": _act("catatan"),
    "counter.resume": _act(),
    "counter.close": _act(),
    "oidc.configuration": Described({200: PROVIDER}),
    "oidc.jwks": Described({200: _object(keys=_list(KEY))}),
    "oidc.token": Described(
        {200: TOKEN, 400: ERROR, 401: ERROR},
        form=("grant_type", "code", "redirect_uri", "client_id", "client_secret", "code_verifier"),
    ),
    "oidc.userinfo": Described({200: TOLD, 401: ERROR, 403: ERROR}),
    "security.report": Described({204: None, 413: None}, body={}),
}
# Any route may refuse with a page: not signed in, not yours, not there, too often, a NUL in the address.
CONFLICT = 409
REFUSALS = (302, 303, 400, 401, 403, 404, 429)


def document(app: Platform, scope: Scope) -> Schema:
    """Return the OpenAPI document of the JSON routes that a host of this scope has."""
    paths: dict[str, Schema] = {}
    for rule in app.url_map.iter_rules():
        here = rule.subdomain in {scope.value, ""} or "_scope" in rule.arguments
        if rule.endpoint not in DESCRIBED or not here:
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            paths.setdefault(_template(rule), {})[method.lower()] = _operation(rule, DESCRIBED[rule.endpoint])
    return {"openapi": "3.1.0", "info": {"title": "MPP Digital", "version": "1"}, "paths": paths}


def _template(rule: Rule) -> str:
    return re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule)


def _operation(rule: Rule, described: Described) -> Schema:
    arguments = re.findall(r"<(?:(\w+)(?:\(([^)]*)\))?:)?(\w+)>", rule.rule)
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": _argument(kind, options)}
        for kind, options, name in arguments
    ]
    parameters += [{"name": name, "in": "query", "schema": TEXT} for name in described.query]
    page = {"description": "a page", "content": {"text/html": {}, "application/json": {}}}
    answers: Schema = {str(code): page for code in REFUSALS}
    for code, schema in described.answers.items():
        if code not in REFUSALS:
            # A conflict is told as JSON by the act, or as a page by what stands before it.
            also: Schema = {"text/html": {}} if code == CONFLICT else {}
            content = {} if schema is None else {"content": {"application/json": {"schema": schema}, **also}}
            answers[str(code)] = {"description": "answer", **content}
    operation: Schema = {"operationId": rule.endpoint, "parameters": parameters, "responses": answers}
    if described.form:
        form = {"type": "object", "properties": dict.fromkeys(described.form, TEXT)}
        operation["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": form}}}
    elif described.body is not None:
        operation["requestBody"] = {"content": {"application/json": {"schema": described.body}}}
    return operation


def _argument(kind: str, options: str) -> Schema:
    if kind == "any":
        return {"enum": [word.strip(" '\"") for word in options.split(",")]}
    if kind == "int":
        return {"type": "integer", "minimum": 0, "maximum": LARGEST}
    return {"type": "string", "minLength": 1}
