"""All that the centre holds about one citizen: the account, its proofs, the regions, family, powers and their uses."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, undefer

from mpp.citizens.family_models import FamilyMember, Household
from mpp.citizens.models import Citizen, CitizenPasskey, CitizenSession, CitizenWait, Wait
from mpp.citizens.powers_models import ActingUse, PowerOfAttorney
from mpp.citizens.realm import nation
from mpp.crypto.masks import mask_nik, mask_phone, whole_phone
from mpp.crypto.types import same
from mpp.database.session import central_read
from mpp.i18n import gettext as _
from mpp.identity.models import CitizenSubject, ForeignIdentity
from mpp.privacy.dossier import Act, Dossier, Fact, Record, Section
from mpp.privacy.kinds import kind
from mpp.privacy.models import CitizenErasure
from mpp.privacy.national_leaks import told
from mpp.tenancy.models import RegionRecord

PLACE = "MPP Digital"


def mine(citizen_id: int) -> Dossier:
    """Return everything the centre holds about a living account. Raises LookupError."""
    with nation(), central_read() as session:
        citizen = session.get(Citizen, citizen_id, populate_existing=True)
        if citizen is None or not citizen.active:
            raise LookupError("no such account")
        regions = _names(session)
        sections = [
            Section(kind("citizen.account"), [_account(citizen)]),
            Section(kind("citizen.proof"), _proofs(session, citizen_id, regions)),
            Section(
                kind("citizen.region"),
                [*_regions(session, citizen_id, regions), *_identities(session, citizen_id)],
            ),
            Section(kind("citizen.code"), _waits(session, citizen_id)),
            Section(kind("citizen.family"), [*_family(session, citizen_id), *_listed(session, citizen)]),
            Section(kind("citizen.power"), _powers(session, citizen_id, regions)),
            Section(kind("citizen.erasure"), _wishes(session, citizen_id)),
        ]
        return Dossier(
            place=PLACE, made_at=dt.datetime.now(tz=dt.UTC), sections=sections,
            acts=_acts(session, citizen_id, regions), notices=told(citizen_id=citizen_id),
        )  # fmt: skip


def _names(session: Session) -> dict[int, str]:
    return {key: f"MPP {name}" for key, name in session.execute(select(RegionRecord.id, RegionRecord.name))}


def _phone(value: str | None, key: str = "phone", label: str = "") -> Fact:
    whole, covered = (whole_phone(value), mask_phone(value)) if value else (None, None)
    return Fact(key, label or _("Nomor HP"), whole, covered)


def _nik(value: str | None) -> Fact:
    return Fact("nik", "NIK", value, mask_nik(value) if value else None)


def _given(facts: list[Fact]) -> list[Fact]:
    return [fact for fact in facts if fact.value is not None]


def _mask_email(text: str | None) -> str | None:
    return f"{text[0]}•••@{text.rpartition('@')[2]}" if text else None


def _account(citizen: Citizen) -> Record:
    facts = [
        Fact("name", _("Nama"), citizen.name),
        _phone(citizen.phone),
        _phone(citizen.left_phone, "left_phone", _("Nomor HP dulu")),
        _nik(citizen.nik),
        Fact("email", _("Surel"), citizen.email, _mask_email(citizen.email)),
        Fact("password", _("Kata sandi dipasang"), citizen.has_password),
        Fact("created", _("Dibuat"), citizen.created_at),
        Fact("last_sign_in", _("Masuk terakhir"), citizen.last_login_at),
    ]
    return Record(_("Akun"), _given(facts))


def _proofs(session: Session, citizen_id: int, regions: dict[int, str]) -> list[Record]:
    browsers = session.scalars(
        select(CitizenSession)
        .where(CitizenSession.account_id == citizen_id)
        .order_by(CitizenSession.id.desc())
    )
    keys = session.scalars(select(CitizenPasskey).where(CitizenPasskey.account_id == citizen_id))
    return [
        *(
            Record(
                _("Perangkat"),
                [
                    Fact("device", _("Perangkat"), row.device),
                    Fact("place", _("Di"), regions.get(row.region_id or 0, PLACE)),
                    Fact("network", _("Jaringan"), row.address),
                    Fact("since", _("Sejak"), row.created_at),
                    Fact("seen", _("Terakhir dipakai"), row.seen_at),
                ],
            )
            for row in browsers
        ),
        *(
            Record(_("Kunci sandi"), [Fact("name", _("Nama"), row.name), Fact("since", _("Sejak"), row.created_at)])
            for row in keys
        ),
    ]  # fmt: skip


def _regions(session: Session, citizen_id: int, regions: dict[int, str]) -> list[Record]:
    rows = session.scalars(select(CitizenSubject).where(CitizenSubject.citizen_id == citizen_id))
    return [
        Record(
            regions.get(row.region_id, ""),
            [
                Fact("since", _("Sejak"), row.created_at),
                Fact("pseudonym", _("Nama samaran"), row.subject, "••••••"),
            ],
        )
        for row in rows
    ]


def _identities(session: Session, citizen_id: int) -> list[Record]:
    """The accounts of another house by which the person signs in."""
    query = select(ForeignIdentity).where(ForeignIdentity.citizen_id == citizen_id)
    return [
        Record(
            _("Identitas digital yang terhubung"),
            _given(
                [
                    Fact("issuer", _("Penerbit"), row.issuer),
                    Fact("subject", _("Nomor Anda di sana"), row.subject, "••••••"),
                    Fact("since", _("Sejak"), row.created_at),
                    Fact("used", _("Terakhir dipakai"), row.used_at),
                ]
            ),
        )
        for row in session.scalars(query.options(undefer(ForeignIdentity.subject)))
    ]


def _waits(session: Session, citizen_id: int) -> list[Record]:
    """Acts that wait for their day, or have ended lately."""
    names = {Wait.PHONE: _("Ganti nomor HP"), Wait.RECOVER: _("Pemulihan akun")}
    rows = session.scalars(
        select(CitizenWait).where(CitizenWait.account_id == citizen_id).order_by(CitizenWait.id.desc())
    )
    return [
        Record(
            names[Wait(row.kind)],
            _given(
                [
                    _phone(row.phone, "new_phone", _("Nomor HP baru")),
                    Fact("asked", _("Diminta"), row.created_at),
                    Fact("due", _("Berlaku"), row.due_at),
                    Fact("ended", _("Selesai"), row.ended_at),
                ]
            ),
        )
        for row in rows
    ]


def _listed(session: Session, citizen: Citizen) -> list[Record]:
    """What others have typed of the person: on a card where they agreed to be, or in an invitation to their number."""
    about = [FamilyMember.member_id == citizen.id]
    if citizen.phone:
        about.append(same(FamilyMember.phone_index, citizen.phone))
    rows = session.scalars(
        select(FamilyMember).where(or_(*about)).order_by(FamilyMember.id).options(undefer(FamilyMember.nik))
    )
    return [Record(_("Ditulis keluarga tentang Anda"), _member(row)) for row in rows]


def _family(session: Session, citizen_id: int) -> list[Record]:
    found = []
    card = session.get(Household, citizen_id, options=[undefer(Household.card)])
    if card is not None:
        number = Fact(
            "card", _("Nomor KK"), card.card, mask_nik(card.card) if card.card else None
        )  # fmt: skip
        found.append(
            Record(_("Kartu keluarga"), _given([number, Fact("stated", _("Dinyatakan"), card.stated_at)]))
        )
    rows = session.scalars(
        select(FamilyMember).where(FamilyMember.account_id == citizen_id).order_by(FamilyMember.id)
        .options(undefer(FamilyMember.nik))
    )  # fmt: skip
    found += [Record(_("Anggota keluarga"), _member(row)) for row in rows]
    return found


def _member(row: FamilyMember) -> list[Fact]:
    facts = [
        Fact("name", _("Nama"), row.name),
        Fact("relation", _("Hubungan"), row.relation.replace("_", " ")),
        _nik(row.nik),
        Fact("birth_year", _("Tahun lahir"), row.birth_year),
        _phone(row.phone),
        Fact("since", _("Sejak"), row.created_at),
        Fact("ended", _("Dilepas"), row.ended_at),
    ]
    return _given(facts)


def _powers(session: Session, citizen_id: int, regions: dict[int, str]) -> list[Record]:
    mine_too = or_(PowerOfAttorney.giver_id == citizen_id, PowerOfAttorney.holder_id == citizen_id)
    rows = session.scalars(select(PowerOfAttorney).where(mine_too).order_by(PowerOfAttorney.id.desc()))
    found = []
    for row in rows:
        given = row.giver_id == citizen_id
        facts = [
            # What the giver calls the holder is the giver's own.
            Fact("holder", _("Kepada"), row.holder_name if given else None),
            Fact("where", _("Daerah"), regions.get(row.region_id or 0, _("semua daerah"))),
            Fact("from", _("Mulai"), row.starts_on),
            Fact("to", _("Sampai"), row.ends_on),
            Fact("reason", _("Alasan"), row.reason),
            Fact("revoked", _("Dicabut"), row.revoked_at),
            Fact("returned", _("Dikembalikan"), row.returned_at),
        ]
        found.append(
            Record(_("Kuasa yang Anda beri") if given else _("Kuasa yang Anda terima"), _given(facts))
        )
    return found


def _wishes(session: Session, citizen_id: int) -> list[Record]:
    rows = session.scalars(select(CitizenErasure).where(CitizenErasure.account_id == citizen_id))
    return [
        Record(
            _("Permintaan hapus akun"),
            _given(
                [
                    Fact("asked", _("Diminta"), row.asked_at),
                    Fact("due", _("Berlaku"), row.due_at),
                    Fact("ended", _("Dibatalkan"), row.ended_at),
                ]
            ),
        )
        for row in rows
    ]


def _acts(session: Session, citizen_id: int, regions: dict[int, str]) -> list[Act]:
    """Every use of a power that the person gave, and of a family card on which they agreed to be."""
    query = (
        select(ActingUse, PowerOfAttorney.id)
        .outerjoin(PowerOfAttorney, PowerOfAttorney.id == ActingUse.power_id)
        .outerjoin(FamilyMember, FamilyMember.id == ActingUse.member_id)
        .where(or_(PowerOfAttorney.giver_id == citizen_id, FamilyMember.member_id == citizen_id))
        .order_by(ActingUse.id.desc())
    )
    return [
        Act(
            use.at,
            _("Penerima kuasa") if power is not None else _("Anggota keluarga"),
            f"{use.label}, {use.service}, {regions.get(use.region_id, '')}",
        )
        for use, power in session.execute(query)
    ]
