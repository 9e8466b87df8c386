"""Links that let one person set a password once: an invitation of a new colleague, or a reset for one who is there.

The token is shown once, to the admin who hands the link on; kept is its hash under the region's key. A link ends
when it is used, replaced, withdrawn, or three days old.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mpp import audit
from mpp.accounts.models import Role, Staff
from mpp.accounts.passwords import UNUSABLE, weakness
from mpp.accounts.proof_models import StaffLink
from mpp.accounts.secrets import vault
from mpp.accounts.service import AccountError, set_password
from mpp.audit import actor
from mpp.database.session import read, write

LASTS = dt.timedelta(hours=72)
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody is appointed to: a role, and the hall and agency it is limited to."""

    role: Role
    hall_id: int | None = None
    agency_id: int | None = None


class DeadLinkError(AccountError, LookupError):
    """The link was used, replaced or withdrawn, is too old, or never was."""

    def __init__(self) -> None:
        super().__init__("Tautan ini tidak berlaku lagi. Minta admin Anda mengirim yang baru.")


def invite(email: str, post: Post) -> tuple[StaffLink, str]:
    """Invite somebody; return the link and its token, which is kept nowhere. Raises AccountError.

    An open invitation to the same address is replaced.
    """
    address = email.strip().lower()
    with write() as session:
        if session.scalar(select(Staff.id).where(Staff.email == address)) is not None:
            raise AccountError("Surel ini sudah dipakai petugas lain.", "email")
        link, token = _new(session, address, post, None)
        data = {"role": post.role.value, "hall": post.hall_id, "agency": post.agency_id}
        audit.record(session, action="staff.invite", subject=f"link:{link.id}", data=data)
    return link, token


def reset(staff_id: int) -> tuple[StaffLink, str]:
    """Make a link by which a colleague sets a new password; until then nothing changes. Raises AccountError."""
    with write() as session:
        staff = session.get(Staff, staff_id, with_for_update=True, populate_existing=True)
        if staff is None:
            raise DeadLinkError
        if not staff.active:
            raise AccountError("Akun ini nonaktif. Aktifkan dahulu.")
        link, token = link_for(session, staff)
        audit.record(session, action="staff.reset_link", subject=f"staff:{staff.id}")
    return link, token


def link_for(session: Session, staff: Staff) -> tuple[StaffLink, str]:
    """Return a new link for somebody who is on the staff, and its token."""
    return _new(session, staff.email, Post(Role(staff.role), staff.hall_id, staff.agency_id), staff.id)


def resend(link_id: int) -> tuple[StaffLink, str]:
    """Replace an open link by a new one with its own three days. Raises DeadLinkError."""
    with write() as session:
        old = _open(session, link_id)
        if old.staff_id is not None and not session.get_one(Staff, old.staff_id).active:
            raise DeadLinkError
        post = Post(Role(old.role), old.hall_id, old.agency_id)
        link, token = _new(session, old.email, post, old.staff_id)
        audit.record(session, action="staff.link_again", subject=f"link:{link.id}")
    return link, token


def withdraw(link_id: int) -> StaffLink:
    """End an open link. Raises DeadLinkError."""
    with write() as session:
        link = _open(session, link_id)
        link.ended_at = dt.datetime.now(tz=dt.UTC)
        audit.record(session, action="staff.link_withdraw", subject=f"link:{link.id}")
    return link


def withdraw_all(session: Session, staff: Staff) -> None:
    """End every link of somebody who leaves."""
    for link in session.scalars(
        select(StaffLink).where(StaffLink.email == staff.email, StaffLink.ended_at.is_(None))
    ):
        link.ended_at = dt.datetime.now(tz=dt.UTC)


def open_links() -> list[StaffLink]:
    """Return the links nobody has used, the newest first, also those that ran out: they can be renewed."""
    with read() as session:
        query = select(StaffLink).where(StaffLink.ended_at.is_(None))
        return list(session.scalars(query.order_by(StaffLink.created_at.desc())))


def find(token: str) -> StaffLink | None:
    """Return the living link of a token, None for any other."""
    with read() as session:
        return _living(session, token)


def accept(token: str, name: str, password: str) -> Staff:
    """Use a link: a new colleague comes to be, or one who is there has a new password and no open session.

    Raises DeadLinkError, and AccountError for a weak password or a missing name.
    """
    with write() as session:
        link = _living(session, token, lock=True)
        if link is None:
            raise DeadLinkError
        called = " ".join(name.split())[:LONGEST_NAME]
        if link.staff_id is None:
            if not called:
                raise AccountError("Tulis nama Anda.", "name")
            staff = _join(session, link, called)
        else:
            staff = session.get_one(Staff, link.staff_id, with_for_update=True, populate_existing=True)
            if not staff.active:
                raise DeadLinkError
        refused = weakness(password, staff.email, staff.name)
        if refused is not None:
            raise AccountError(refused, "new")
        set_password(session, staff, password)
        link.ended_at = dt.datetime.now(tz=dt.UTC)
        action = "staff.join" if link.staff_id is None else "staff.reset_done"
        audit.record(session, action=action, subject=f"staff:{staff.id}", data={"role": staff.role})
    return staff


def _join(session: Session, link: StaffLink, name: str) -> Staff:
    if session.scalar(select(Staff.id).where(Staff.email == link.email)) is not None:
        raise DeadLinkError
    staff = Staff(
        email=link.email, name=name, role=link.role, hall_id=link.hall_id, agency_id=link.agency_id,
        password_hash=UNUSABLE,
    )  # fmt: skip
    session.add(staff)
    session.flush()
    return staff


def _new(session: Session, email: str, post: Post, staff_id: int | None) -> tuple[StaffLink, str]:
    token = secrets.token_urlsafe(32)
    now = dt.datetime.now(tz=dt.UTC)
    older = select(StaffLink).where(StaffLink.email == email, StaffLink.ended_at.is_(None)).with_for_update()
    for link in session.scalars(older):
        link.ended_at = now
    # The index allows one open link an address, and sees each row as it is written.
    session.flush()
    link = StaffLink(
        email=email, staff_id=staff_id, token_hash=_hash(token), created_by=actor.get().name,
        role=post.role.value, hall_id=post.hall_id, agency_id=post.agency_id, expires_at=now + LASTS,
    )  # fmt: skip
    session.add(link)
    session.flush()
    return link, token


def _open(session: Session, link_id: int) -> StaffLink:
    link = session.get(StaffLink, link_id, with_for_update=True, populate_existing=True)
    if link is None or link.ended_at is not None:
        raise DeadLinkError
    return link


def _living(session: Session, token: str, *, lock: bool = False) -> StaffLink | None:
    query = select(StaffLink).where(
        StaffLink.token_hash == _hash(token), StaffLink.ended_at.is_(None), StaffLink.expires_at > func.now()
    )
    if lock:
        query = query.with_for_update()
    return session.scalar(query, execution_options={"populate_existing": True})


def _hash(token: str) -> bytes:
    return vault().fingerprint("link", token)
