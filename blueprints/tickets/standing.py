"""For whom the number is: oneself, family, somebody who gave a power, or a person beside one who is helped."""

from __future__ import annotations

from dataclasses import dataclass

from flask import session as browser
from flask_login import current_user

from blueprints.tickets.forms import BESIDE, MYSELF, TakeForm
from mpp.accounts.login import STAFF
from mpp.accounts.service import AccountError
from mpp.citizens.acting import Principal, Wanted
from mpp.citizens.realm import KIND as CITIZEN
from mpp.database.session import read
from mpp.i18n import gettext as _
from tenants.people import acting, helping
from tenants.people.acting_models import Helping
from tenants.queueing import representing
from tenants.queueing.policies import LONGEST_HOLDER
from tenants.queueing.representing import Then


@dataclass(frozen=True, slots=True)
class Standing:
    """Who is at this form. A guest has neither people nor help going on."""

    profile_id: int | None = None
    wanted: Wanted | None = None
    people: tuple[Principal, ...] = ()
    going: Helping | None = None


def standing(form: TakeForm) -> Standing:
    """Return who is at the form, and give it the choices that this person has."""
    if not current_user.is_authenticated:
        return Standing()
    with read() as session:
        if current_user.kind == STAFF:
            going = helping.current(session, browser.get(helping.KEY), current_user.id)
            if going is not None and not form.is_submitted():
                form.nama.data = (going.name or "")[:LONGEST_HOLDER]
            return Standing(going=going)
        wanted = representing.wanted(session, form.layanan.data or "")
    if current_user.kind != CITIZEN or wanted is None:
        return Standing()
    people = tuple(acting.choices(current_user.session_id, wanted))
    form.offer_people([(person.key, person.name) for person in people])
    return Standing(current_user.id, wanted, people)


def resolve(form: TakeForm, who: Standing) -> tuple[str, Then | None]:
    """Return the name on the ticket, and what is done to it beside. Raises AccountError with the field at fault."""
    typed = (form.nama.data or "").strip()
    if who.going is not None:
        return typed or (who.going.name or "")[:LONGEST_HOLDER], representing.in_help(who.going)
    if who.profile_id is None:
        return typed, None
    key = form.untuk.data or MYSELF
    if key == MYSELF:
        return typed or current_user.name[:LONGEST_HOLDER], None
    if key == BESIDE:
        reason, consent = form.alasan.data or "", bool(form.setuju.data)
        helping.check(typed, reason, consent=consent)
        return typed, representing.beside(who.profile_id, reason, consent=consent)
    person = next((person for person in who.people if person.key == key), None)
    if person is None or who.wanted is None:
        raise AccountError(_("Pilih untuk siapa nomor ini."), "untuk")
    then = representing.for_somebody(who.profile_id, current_user.session_id, who.wanted, key)
    return typed or person.name[:LONGEST_HOLDER], then
