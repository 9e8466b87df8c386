"""Powers of attorney: given, held, offered; and every use that was made of them."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from blueprints.family import blueprint
from blueprints.family.forms import CHOSEN, PowerForm
from blueprints.family.members import ID
from blueprints.family.words import words
from mpp.accounts.service import AccountError
from mpp.citizens import account, acting, powers, proofs
from mpp.citizens.acting_errors import NotYoursError
from mpp.citizens.powers import AGENCY, Draft
from mpp.citizens.powers_models import PowerState
from mpp.citizens.proofs import NeedProofError
from mpp.crypto.masks import mask_phone
from mpp.database.session import central_read
from mpp.i18n import gettext as _
from mpp.web import typed
from mpp.web.limits import limited
from tenants.catalogue import choices

INVALID = 422
SHOWN = 20


@blueprint.get("/kuasa")
def given() -> ResponseReturnValue:
    """Show the powers given and held, the offers that wait, and what was done by them lately."""
    with central_read() as session:
        mine, held = (
            powers.given(session, current_user.id),
            powers.held(session, account.get(current_user.id)),
        )
        uses = acting.uses(session, current_user.id, most=SHOWN)
    return render_template(
        "family/powers.html", given=mine, offers=[p for p in held if p.state is PowerState.OFFERED],
        held=[p for p in held if p.state is not PowerState.OFFERED], uses=uses, **words(),
    )  # fmt: skip


@blueprint.route("/kuasa/beri", methods=["GET", "POST"])
@limited("register")
def offer() -> ResponseReturnValue:
    """Offer a power to whoever answers at a telephone number; after a proof that it is the owner who does."""
    if request.method == "GET" and not proofs.of(current_user.id, current_user.session_id).enough:
        return redirect(url_for("account.prove", lanjut=request.path))
    with central_read() as session:
        groups, form = choices.groups(), PowerForm(powers.regions(session), **typed.again())
    known = [slug for group in groups for slug, _name in group.services] + [AGENCY + g.slug for g in groups]
    if form.validate_on_submit():
        try:
            if form.what.data == CHOSEN and not form.scope:
                raise AccountError(_("Pilih paling sedikit satu layanan atau instansi."), "services")
            powers.offer(current_user.id, current_user.session_id, _draft(form), known)
        except NeedProofError:
            onward = redirect(url_for("account.prove", lanjut=request.path), 303)
            return typed.keep(onward, request.path, form)
        except AccountError as error:
            form.refuse(error.field, "reason", str(error))
        else:
            flash(_("Kuasa ditawarkan. Berlaku setelah penerimanya menyetujui."), "success")
            return redirect(url_for("family.given"), 303)
    today = powers.today()
    page = render_template(
        "family/offer.html", form=form, groups=groups, agency=AGENCY, first=today,
        last=today + powers.FURTHEST_START, latest=powers.latest_end(today + powers.FURTHEST_START),
    )  # fmt: skip
    return page, INVALID if request.method == "POST" else 200


@blueprint.get(f"/kuasa/<{ID}:power_id>")
def power(power_id: int) -> ResponseReturnValue:
    """Show one power to either of its sides, with every use of it."""
    with central_read() as session:
        mine = powers.given(session, current_user.id)
        both = [(p, True) for p in mine] + [
            (p, False) for p in powers.held(session, account.get(current_user.id))
        ]
        found = next(((p, giver) for p, giver in both if p.row.id == power_id), None)
        if found is None:
            abort(404)
        uses = acting.uses(session, current_user.id, power_id=power_id)
    return render_template(
        "family/power.html",
        power=found[0],
        giver=found[1],
        phone=mask_phone(found[0].row.phone),
        uses=uses,
        **words(),
    )


@blueprint.post(f"/kuasa/<{ID}:power_id>/<any(terima, tolak, cabut, kembalikan):act>")
def act(power_id: int, act: str) -> ResponseReturnValue:
    """Accept or refuse an offer, revoke a power or give it back: at once."""
    acts: dict[str, tuple[Callable[[], None], str]] = {
        "terima": (lambda: powers.answer(current_user.id, power_id, accept=True), _("Kuasa diterima.")),
        "tolak": (lambda: powers.answer(current_user.id, power_id, accept=False), _("Kuasa ditolak.")),
        "cabut": (lambda: powers.revoke(current_user.id, power_id), _("Kuasa dicabut dan tidak berlaku lagi.")),
        "kembalikan": (lambda: powers.give_back(current_user.id, power_id), _("Kuasa dikembalikan.")),
    }  # fmt: skip
    move, done = acts[act]
    try:
        move()
    except NotYoursError:
        abort(404)
    flash(done, "success")
    return redirect(url_for("family.given"), 303)


def _draft(form: PowerForm) -> Draft:
    return Draft(
        phone=form.phone.data, name=form.name.data, reason=form.reason.data, starts_on=form.starts_on.data,
        ends_on=form.ends_on.data, scope=form.scope, region_id=form.region_id,
    )  # fmt: skip
