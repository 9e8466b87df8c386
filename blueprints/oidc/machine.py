"""What regions' servers ask, never a browser: who the provider is, a token for a code, who somebody is."""

from __future__ import annotations

from authlib.oauth2 import OAuth2Error
from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from blueprints.oidc import blueprint
from mpp.identity import keys, provider
from mpp.web.kernel import csrf
from mpp.web.limits import limited


@blueprint.get("/.well-known/openid-configuration")
def configuration() -> ResponseReturnValue:
    """Return what the provider says of itself."""
    return _public(jsonify(provider.metadata()))


@blueprint.get("/oidc/jwks.json")
def jwks() -> ResponseReturnValue:
    """Return the public keys of id tokens."""
    return _public(jsonify(keys.published()))


# A server's own request: it bears the client's secret and no cookie, so nobody's browser can be made to send it, and
# the sign-ins of a whole school come from one address.
@blueprint.post("/oidc/token")
@csrf.exempt  # type: ignore[untyped-decorator]  # Flask-WTF publishes no types
@limited("token")
def token() -> ResponseReturnValue:
    """Exchange a code for a token."""
    answer: Response = provider.server.create_token_response()
    return answer


@blueprint.get("/oidc/userinfo")
def userinfo() -> ResponseReturnValue:
    """Return what the region is told of the person whose token this is."""
    try:
        grant = provider.protected.acquire_token("openid")
    except OAuth2Error as error:
        status, body, headers = error()
        return jsonify(body), status, headers
    claims = provider.told(grant)
    return jsonify(claims) if claims else (jsonify({"error": "invalid_token"}), 401)


def _public(response: Response) -> Response:
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
