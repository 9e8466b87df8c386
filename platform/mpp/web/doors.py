"""The steps of signing in as routes, added alike to the region's blueprint and the centre's."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from mpp.web.access import AudienceBlueprint
from mpp.web.limits import limited
from mpp.web.second_step import setup_page, step_page
from mpp.web.sign_in import Door, passkey_page, sign_in_page, sign_out_page

RATE = limited("sign-in")


def add_steps(blueprint: AudienceBlueprint, door: Door) -> None:
    """Add sign-in, second factor, its set-up, passkey and sign-out to `blueprint`."""

    @blueprint.route("/masuk", methods=["GET", "POST"])
    @RATE
    def sign_in() -> ResponseReturnValue:
        """Ask for e-mail and password, or take a passkey."""
        return sign_in_page(door)

    @blueprint.route("/masuk/kode", methods=["GET", "POST"])
    @RATE
    def step() -> ResponseReturnValue:
        """Ask for the second factor."""
        return step_page(door)

    @blueprint.route("/masuk/pasang", methods=["GET", "POST"])
    @RATE
    def setup() -> ResponseReturnValue:
        """Set up a second factor where one is compulsory and missing."""
        return setup_page(door)

    @blueprint.post("/masuk/kunci-sandi")
    @RATE
    def passkey() -> ResponseReturnValue:
        """Take the answer of a passkey."""
        return passkey_page(door)

    @blueprint.post("/keluar")
    def sign_out() -> ResponseReturnValue:
        """End the session at this host."""
        return sign_out_page(door)
