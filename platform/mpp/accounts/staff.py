"""Managing a region's staff. Functions that take a session are parts of a larger act; the others own theirs."""

from __future__ import annotations

import secrets

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mpp import audit
from mpp.accounts.models import Role, Staff
from mpp.accounts.passwords import SHORTEST, hash_password, verify
from mpp.accounts.service import change_password
from mpp.database.optimistic import check_unchanged, fingerprint
from mpp.database.session import read, write

# No vowels and no look-alikes: easy to read out, and never a word. 12 of 24 signs are 55 bits.
SIGNS = "bcdfghjkmnpqrstvwxz23456"
ROLE_WORDS = {Role.ADMIN: "admin", Role.OFFICER: "petugas loket", Role.RECEPTIONIST: "resepsionis"}


class StaffError(Exception):
    """The act was refused; the text is one line for the person who asked. `field` names the form's field."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class UnknownStaffError(StaffError, LookupError):
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


def mark(staff: Staff) -> str:
    """Return the fingerprint of what the staff form shows."""
    return fingerprint(staff.name, staff.role, staff.active)


def new_password() -> str:
    """Return a fresh password as it is read out: three groups of four."""
    return "-".join("".join(secrets.choice(SIGNS) for _sign in range(4)) for _group in range(3))


def create_staff(name: str, email: str, role: Role) -> tuple[Staff, str]:
    """Add a member of staff; return it with its initial password, which is kept nowhere. Raises StaffError."""
    with write() as session:
        address = email.strip().lower()
        if session.scalar(select(Staff.id).where(Staff.email == address)):
            raise StaffError("Surel ini sudah dipakai petugas lain.", "email")
        password = new_password()
        staff = Staff(
            email=address, name=_one_line(name), password_hash=hash_password(password), role=role.value
        )
        session.add(staff)
        session.flush()
        audit.record(session, action="staff.create", subject=f"staff:{staff.id}", data={"role": role.value})
    return staff, password


def reset_password(staff_id: int) -> tuple[Staff, str]:
    """Give a new password, end every session and open the lock; return the password. Raises UnknownStaffError."""
    with write() as session:
        staff = locked(session, staff_id)
        password = new_password()
        staff.password_hash = hash_password(password)
        staff.epoch += 1
        staff.failed_attempts, staff.locked_until = 0, None
        audit.record(session, action="staff.reset_password", subject=f"staff:{staff.id}")
    return staff, password


def reactivate(staff_id: int) -> Staff:
    """Let a member of staff sign in again with the password it had. Raises UnknownStaffError."""
    with write() as session:
        staff = locked(session, staff_id)
        staff.active = True
        staff.failed_attempts, staff.locked_until = 0, None
        audit.record(session, action="staff.reactivate", subject=f"staff:{staff.id}")
    return staff


def change_own_password(staff_id: int, current: str, new: str) -> Staff:
    """Set one's own password and end every other session. Raises StaffError on a wrong or weak password."""
    with write() as session:
        staff = locked(session, staff_id)
        if not verify(staff.password_hash, current):
            raise StaffError("Kata sandi sekarang tidak cocok.", "current")
        if len(new) < SHORTEST:
            raise StaffError(f"Kata sandi baru paling sedikit {SHORTEST} karakter.", "new")
        if new == current or new.strip().lower() in {staff.email, staff.name.lower()}:
            raise StaffError("Pilih kata sandi yang lain dari sekarang, nama, dan surel Anda.", "new")
        change_password(session, staff, new)
    return staff


def edit(session: Session, staff_id: int, *, name: str, role: Role, seen: str, by: int) -> Staff:
    """Change name and role; a new role ends every session. Raises StaffError, ChangedMeanwhileError."""
    staff = locked(session, staff_id)
    check_unchanged(seen, staff.name, staff.role, staff.active)
    before = {"role": staff.role}
    if role.value != staff.role:
        _keep_an_admin(session, staff, by, "Peran")
        staff.role = role.value
        staff.epoch += 1
    staff.name = _one_line(name)
    data = {"before": before, "after": {"role": staff.role}} if before["role"] != staff.role else {}
    audit.record(session, action="staff.edit", subject=f"staff:{staff.id}", data=data)
    return staff


def deactivate(session: Session, staff_id: int, *, by: int) -> Staff:
    """Shut a member of staff out at once. Raises StaffError for oneself and for the last admin."""
    staff = locked(session, staff_id)
    _keep_an_admin(session, staff, by, "Akun")
    staff.active = False
    staff.epoch += 1
    audit.record(session, action="staff.deactivate", subject=f"staff:{staff.id}")
    return staff


def locked(session: Session, staff_id: int) -> Staff:
    """Return a member of staff as it stands now, held until the transaction ends. Raises UnknownStaffError."""
    staff = session.get(Staff, staff_id, with_for_update=True, populate_existing=True)
    if staff is None:
        raise UnknownStaffError
    return staff


def _keep_an_admin(session: Session, staff: Staff, by: int, what: str) -> None:
    """Refuse what would shut oneself or everybody out. Admins are locked: two of them can't demote each other."""
    if staff.id == by:
        raise StaffError(
            f"{what} Anda sendiri tidak bisa diubah di sini. Minta admin lain melakukannya.", "role"
        )
    if staff.role != Role.ADMIN:
        return
    admins = session.scalars(
        select(Staff.id)
        .where(Staff.role == Role.ADMIN.value, Staff.active)
        .order_by(Staff.id)
        .with_for_update()
    ).all()
    if set(admins) <= {staff.id}:
        raise StaffError("Ini admin terakhir. Jadikan orang lain admin dahulu.", "role")


def _one_line(text: str) -> str:
    return " ".join(text.split())
