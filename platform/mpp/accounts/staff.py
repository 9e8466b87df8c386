"""Managing a region's staff. Functions that take a session are parts of a larger act; the others own theirs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mpp import audit
from mpp.accounts import factors, links, sessions
from mpp.accounts.links import Post
from mpp.accounts.models import Role, Staff
from mpp.accounts.passwords import UNUSABLE
from mpp.accounts.proof_models import SessionColumns, StaffLink
from mpp.accounts.service import AccountError
from mpp.database.optimistic import check_unchanged, fingerprint
from mpp.database.session import read, write

ROLE_WORDS = {
    Role.ADMIN: "admin", Role.OFFICER: "petugas loket", Role.RECEPTIONIST: "resepsionis",
    Role.AGENCY_OFFICER: "petugas instansi", Role.READER: "pembaca",
}  # fmt: skip
# Who may sit at counters that an admin has given to them by name.
SITTERS = frozenset({Role.ADMIN, Role.OFFICER})
StaffError = AccountError


class UnknownStaffError(AccountError, LookupError):
    """No such member of staff in this region."""

    def __init__(self) -> None:
        super().__init__("Petugas itu tidak ada. Muat ulang daftar, lalu pilih lagi.")


def all_staff() -> list[Staff]:
    """Return the region's staff: those at work first, by name."""
    with read() as session:
        return list(session.scalars(select(Staff).order_by(Staff.active.desc(), func.lower(Staff.name))))


def staff_by_id(staff_id: int) -> Staff | None:
    """Return a member of staff of this region, None when there is none."""
    with read() as session:
        return session.get(Staff, staff_id)


def sessions_of(staff_id: int) -> Sequence[SessionColumns]:
    """Return the browsers in which a member of staff is signed in."""
    with read() as session:
        return sessions.living(session, staff_id)


def factors_of(staff_id: int) -> factors.Factors:
    """Return a member of staff's second factors."""
    with read() as session:
        return factors.of(session, staff_id)


def mark(staff: Staff) -> str:
    """Return the fingerprint of what the staff form shows."""
    return fingerprint(staff.name, staff.role, staff.active, staff.hall_id, staff.agency_id)


def reactivate(staff_id: int) -> tuple[StaffLink, str]:
    """Let a member of staff in again by a link, as what the person was. Raises UnknownStaffError."""
    with write() as session:
        staff = locked(session, staff_id)
        staff.active = True
        audit.record(session, action="staff.reactivate", subject=f"staff:{staff.id}")
        return links.link_for(session, staff)


def end_session(staff_id: int, session_id: int) -> None:
    """Sign one browser of a member of staff out. Raises StaffError when there is no such session."""
    with write() as session:
        locked(session, staff_id)
        if not sessions.end(session, staff_id, session_id):
            raise StaffError("Perangkat itu sudah keluar.")


def end_sessions(staff_id: int) -> int:
    """Sign a member of staff out everywhere; return of how many browsers. Raises UnknownStaffError."""
    with write() as session:
        staff = locked(session, staff_id)
        ended = sessions.end_all(session, staff_id)
        audit.record(session, action="staff.sign_out", subject=f"staff:{staff.id}")
    return ended


def remove_factors(staff_id: int, *, by: int) -> Staff:
    """Forget the second factors of somebody who has lost them all, and end every session. Raises StaffError."""
    with write() as session:
        staff = locked(session, staff_id)
        if staff.id == by:
            raise StaffError("Faktor kedua Anda sendiri diatur di halaman keamanan akun.")
        factors.remove_all(session, staff.id)
        sessions.end_all(session, staff.id)
        audit.record(session, action="staff.factors_removed", subject=f"staff:{staff.id}")
    return staff


def edit(session: Session, staff_id: int, *, name: str, post: Post, seen: str, by: int) -> tuple[Staff, bool]:
    """Change name and post; return the person and whether the post changed, which ends every session.

    Raises StaffError, ChangedMeanwhileError.
    """
    staff = locked(session, staff_id)
    check_unchanged(seen, staff.name, staff.role, staff.active, staff.hall_id, staff.agency_id)
    before = _post(staff)
    moved = Post(Role(staff.role), staff.hall_id, staff.agency_id) != post
    if moved:
        _keep_an_admin(session, staff, by, "Peran")
        staff.role, staff.hall_id, staff.agency_id = post.role.value, post.hall_id, post.agency_id
        sessions.end_all(session, staff.id)
    staff.name = _one_line(name)
    data = {"before": before, "after": _post(staff)} if moved else {}
    audit.record(session, action="staff.edit", subject=f"staff:{staff.id}", data=data)
    return staff, moved


def deactivate(session: Session, staff_id: int, *, by: int) -> Staff:
    """Take everything from a member of staff at once: sessions, password, second factors, open links.

    Raises StaffError for oneself and for the last admin.
    """
    staff = locked(session, staff_id)
    _keep_an_admin(session, staff, by, "Akun")
    staff.active, staff.password_hash = False, UNUSABLE
    sessions.end_all(session, staff.id)
    factors.remove_all(session, staff.id)
    links.withdraw_all(session, staff)
    audit.record(session, action="staff.deactivate", subject=f"staff:{staff.id}")
    return staff


def locked(session: Session, staff_id: int) -> Staff:
    """Return a member of staff as it stands now, held until the transaction ends. Raises UnknownStaffError."""
    staff = session.get(Staff, staff_id, with_for_update=True, populate_existing=True)
    if staff is None:
        raise UnknownStaffError
    return staff


def _post(staff: Staff) -> dict[str, object]:
    return {"role": staff.role, "hall_id": staff.hall_id, "agency_id": staff.agency_id}


def _keep_an_admin(session: Session, staff: Staff, by: int, what: str) -> None:
    """Refuse what would shut oneself or everybody out. Admins are locked: two of them can't demote each other.

    An admin of one hall or agency can't manage staff, so it does not count.
    """
    if staff.id == by:
        raise StaffError(
            f"{what} Anda sendiri tidak bisa diubah di sini. Minta admin lain melakukannya.", "role"
        )
    if staff.role != Role.ADMIN:
        return
    admins = session.scalars(
        select(Staff.id)
        .where(
            Staff.role == Role.ADMIN.value, Staff.active, Staff.hall_id.is_(None), Staff.agency_id.is_(None)
        )
        .order_by(Staff.id)
        .with_for_update()
    ).all()
    if set(admins) <= {staff.id}:
        raise StaffError("Ini admin terakhir. Jadikan orang lain admin dahulu.", "role")


def _one_line(text: str) -> str:
    return " ".join(text.split())
