"""Managing staff, a region's or the centre's: the realm at hand says whose.

Functions that take a session are parts of a larger act; the others own theirs.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mpp import audit
from mpp.accounts import factors, links, sessions
from mpp.accounts.links import Post, account_kind
from mpp.accounts.models import Role, Staff, StaffAccount
from mpp.accounts.passwords import UNUSABLE
from mpp.accounts.proof_models import LinkColumns, SessionColumns
from mpp.accounts.realm import realm
from mpp.accounts.service import AccountError
from mpp.database.optimistic import check_unchanged, fingerprint
from mpp.database.session import read

ROLE_WORDS = {
    Role.ADMIN: "admin", Role.OFFICER: "petugas loket", Role.RECEPTIONIST: "resepsionis",
    Role.AGENCY_OFFICER: "petugas instansi", Role.READER: "pembaca",
}  # fmt: skip
# Who may sit at counters that an admin has given to them by name.
SITTERS = frozenset({Role.ADMIN, Role.OFFICER})
StaffError = AccountError


class UnknownStaffError(AccountError, LookupError):
    """No such member of this staff."""

    def __init__(self) -> None:
        super().__init__("Petugas itu tidak ada. Muat ulang daftar, lalu pilih lagi.")


def all_staff() -> list[Staff]:
    """Return the region's staff: those at work first, by name."""
    with read() as session:
        return list(session.scalars(select(Staff).order_by(Staff.active.desc(), func.lower(Staff.name))))


def colleagues() -> Sequence[StaffAccount]:
    """Return the staff of the realm at hand: those at work first, by name."""
    kind = account_kind()
    with realm().read() as session:
        return session.scalars(select(kind).order_by(kind.active.desc(), func.lower(kind.name))).all()


def staff_by_id(staff_id: int) -> Staff | None:
    """Return a member of staff of this region, None when there is none."""
    with read() as session:
        return session.get(Staff, staff_id)


def colleague(staff_id: int) -> StaffAccount | None:
    """Return a member of the staff of the realm at hand, None when there is none."""
    with realm().read() as session:
        return session.get(account_kind(), staff_id)


def sessions_of(staff_id: int) -> Sequence[SessionColumns]:
    """Return the browsers in which a member of staff is signed in."""
    with realm().read() as session:
        return sessions.living(session, staff_id)


def factors_of(staff_id: int) -> factors.Factors:
    """Return a member of staff's second factors."""
    with realm().read() as session:
        return factors.of(session, staff_id)


def mark(staff: Staff) -> str:
    """Return the fingerprint of what the staff form shows."""
    return fingerprint(staff.name, staff.role, staff.active, staff.hall_id, staff.agency_id)


def reactivate(staff_id: int) -> tuple[LinkColumns, str]:
    """Let a member of staff in again by a link, as what the person was. Raises UnknownStaffError."""
    with realm().write() as session:
        staff = locked(session, staff_id)
        staff.active = True
        audit.record(session, action="staff.reactivate", subject=realm().subject(staff.id))
        return links.link_for(session, staff)


def end_session(staff_id: int, session_id: int) -> None:
    """Sign one browser of a member of staff out. Raises StaffError when there is no such session."""
    with realm().write() as session:
        locked(session, staff_id)
        if not sessions.end(session, staff_id, session_id):
            raise StaffError("Perangkat itu sudah keluar.")


def end_sessions(staff_id: int) -> int:
    """Sign a member of staff out everywhere; return of how many browsers. Raises UnknownStaffError."""
    with realm().write() as session:
        staff = locked(session, staff_id)
        ended = sessions.end_all(session, staff_id)
        audit.record(session, action="staff.sign_out", subject=realm().subject(staff.id))
    return ended


def remove_factors(staff_id: int, *, by: int) -> StaffAccount:
    """Forget the second factors of somebody who has lost them all, and end every session. Raises StaffError."""
    with realm().write() as session:
        staff = locked(session, staff_id)
        if staff.id == by:
            raise StaffError("Faktor kedua Anda sendiri diatur di halaman keamanan akun.")
        factors.remove_all(session, staff.id)
        sessions.end_all(session, staff.id)
        audit.record(session, action="staff.factors_removed", subject=realm().subject(staff.id))
    return staff


def edit(session: Session, staff_id: int, *, name: str, post: Post, seen: str, by: int) -> tuple[Staff, bool]:
    """Change name and post; return the person and whether the post changed.

    A change of the post ends every session and every link that the person has made for others.

    Raises StaffError, ChangedMeanwhileError.
    """
    staff = locked(session, staff_id)
    assert isinstance(staff, Staff)
    check_unchanged(seen, staff.name, staff.role, staff.active, staff.hall_id, staff.agency_id)
    before = _post(staff)
    moved = Post.of(staff) != post
    if moved:
        _keep_a_head(session, staff, by, "Peran")
        staff.role, staff.hall_id, staff.agency_id = post.role.value, post.hall_id, post.agency_id
        sessions.end_all(session, staff.id)
        links.withdraw_made(session, staff)
    staff.name = _one_line(name)
    data = {"before": before, "after": _post(staff)} if moved else {}
    audit.record(session, action="staff.edit", subject=realm().subject(staff.id), data=data)
    return staff, moved


def shut_out(staff_id: int, *, by: int) -> StaffAccount:
    """Take everything from a colleague at once, see `deactivate`. Raises StaffError."""
    with realm().write() as session:
        return deactivate(session, staff_id, by=by)


def deactivate(session: Session, staff_id: int, *, by: int) -> StaffAccount:
    """Take everything from a member of staff at once: sessions, password, second factors, open links.

    Support accesses hang on the sessions and end with them. Raises StaffError for oneself and for the last one who
    could let others in.
    """
    staff = locked(session, staff_id)
    _keep_a_head(session, staff, by, "Akun")
    staff.active, staff.password_hash = False, UNUSABLE
    sessions.end_all(session, staff.id)
    factors.remove_all(session, staff.id)
    links.withdraw_all(session, staff)
    audit.record(session, action="staff.deactivate", subject=realm().subject(staff.id))
    return staff


def locked(session: Session, staff_id: int) -> StaffAccount:
    """Return a member of staff as it stands now, held until the transaction ends. Raises UnknownStaffError."""
    staff = session.get(account_kind(), staff_id, with_for_update=True, populate_existing=True)
    if staff is None:
        raise UnknownStaffError
    return staff


def _post(staff: Staff) -> dict[str, object]:
    return {"role": staff.role, "hall_id": staff.hall_id, "agency_id": staff.agency_id}


def _keep_a_head(session: Session, staff: StaffAccount, by: int, what: str) -> None:
    """Refuse what would shut oneself or everybody out. Heads are locked: two of them can't remove each other.

    An admin of one hall or agency can't manage staff, so it does not count; at the centre everybody is a head.
    """
    if staff.id == by:
        raise StaffError(
            f"{what} Anda sendiri tidak bisa diubah di sini. Minta admin lain melakukannya.", "role"
        )
    if isinstance(staff, Staff) and staff.role != Role.ADMIN:
        return
    heads = links.heads().order_by(account_kind().id).with_for_update()
    if set(session.scalars(heads)) <= {staff.id}:
        raise StaffError("Ini admin terakhir. Jadikan orang lain admin dahulu.", "role")


def _one_line(text: str) -> str:
    return " ".join(text.split())
