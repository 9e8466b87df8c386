"""Links that let one person set a password once: an invitation of a new colleague, or a reset for one who is there.

The same for a region's staff and the centre's: the realm at hand says whose. The token is shown once, to the colleague
who hands the link on; kept is its hash under the realm's key. A link ends when it is used, replaced, withdrawn, or
three days old; and with its maker, who has seen the token: who leaves or no longer manages staff keeps no way back.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import Session

from mpp import audit
from mpp.accounts.models import CentralStaff, Role, Staff, StaffAccount
from mpp.accounts.passwords import UNUSABLE
from mpp.accounts.proof_models import CentralLink, LinkColumns, StaffLink
from mpp.accounts.realm import REGIONAL, realm
from mpp.accounts.secrets import fingerprint, fingerprints
from mpp.accounts.service import AccountError, check_new, set_password
from mpp.audit import actor

LASTS = dt.timedelta(hours=72)
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody of a region is appointed to: a role, and the hall and agency it is limited to."""

    role: Role
    hall_id: int | None = None
    agency_id: int | None = None

    @classmethod
    def of(cls, placed: Staff | StaffLink) -> Post:
        """Return the post that somebody has, or is invited to."""
        return cls(Role(placed.role), placed.hall_id, placed.agency_id)


class DeadLinkError(AccountError, LookupError):
    """The link was used, replaced or withdrawn, is too old, or never was."""

    def __init__(self) -> None:
        super().__init__("Tautan ini tidak berlaku lagi. Minta admin Anda mengirim yang baru.")


def account_kind() -> type[StaffAccount]:
    """Return the staff of the realm at hand."""
    return Staff if realm() is REGIONAL else CentralStaff


def invite(email: str, post: Post | None) -> tuple[LinkColumns, str]:
    """Invite somebody; return the link and its token, which is kept nowhere. Raises AccountError.

    The centre knows no posts. An open invitation to the same address is replaced.
    """
    address = email.strip().lower()
    with realm().write() as session:
        if _with_email(session, address) is not None:
            raise AccountError("Surel ini sudah dipakai petugas lain.", "email")
        link, token = _new(session, address, post, None)
        data = {"role": post.role.value, "hall": post.hall_id, "agency": post.agency_id} if post else {}
        audit.record(session, action="staff.invite", subject=f"link:{link.id}", data=data)
    return link, token


def reset(staff_id: int) -> tuple[LinkColumns, str]:
    """Make a link by which a colleague sets a new password; until then nothing changes. Raises AccountError."""
    with realm().write() as session:
        staff = session.get(account_kind(), staff_id, with_for_update=True, populate_existing=True)
        if staff is None:
            raise DeadLinkError
        if not staff.active:
            raise AccountError("Akun ini nonaktif. Aktifkan dahulu.")
        link, token = link_for(session, staff)
        audit.record(session, action="staff.reset_link", subject=realm().subject(staff.id))
    return link, token


def link_for(session: Session, staff: StaffAccount) -> tuple[LinkColumns, str]:
    """Return a new link for somebody who is on the staff, and its token."""
    return _new(session, staff.email, Post.of(staff) if isinstance(staff, Staff) else None, staff.id)


def resend(link_id: int) -> tuple[LinkColumns, str]:
    """Replace an open link by a new one with its own three days. Raises DeadLinkError."""
    with realm().write() as session:
        old = _open(session, link_id)
        if old.staff_id is not None and not session.get_one(account_kind(), old.staff_id).active:
            raise DeadLinkError
        post = Post.of(old) if isinstance(old, StaffLink) else None
        link, token = _new(session, old.email, post, old.staff_id)
        audit.record(session, action="staff.link_again", subject=f"link:{link.id}")
    return link, token


def withdraw(link_id: int) -> LinkColumns:
    """End an open link. Raises DeadLinkError."""
    with realm().write() as session:
        link = _open(session, link_id)
        link.ended_at = dt.datetime.now(tz=dt.UTC)
        audit.record(session, action="staff.link_withdraw", subject=f"link:{link.id}")
    return link


def withdraw_all(session: Session, staff: StaffAccount) -> None:
    """End every link of somebody who leaves: those for the person, and those the person has made for others."""
    kind = _kind()
    _end(session, or_(kind.email == staff.email, kind.created_by_id == staff.id))


def withdraw_made(session: Session, staff: StaffAccount) -> None:
    """End every link that somebody has made who no longer manages staff."""
    _end(session, _kind().created_by_id == staff.id)


def heads() -> Select[int]:
    """Return the ids of who manages the staff of the realm at hand: at the centre everybody who is active, in a region
    active admins without a limit.
    """
    if realm() is not REGIONAL:
        return select(CentralStaff.id).where(CentralStaff.active)
    whole = (Staff.role == Role.ADMIN.value, Staff.hall_id.is_(None), Staff.agency_id.is_(None))
    return select(Staff.id).where(Staff.active, *whole)


def open_links() -> list[LinkColumns]:
    """Return the links nobody has used, the newest first, also those that ran out: they can be renewed."""
    with realm().read() as session:
        query = select(_kind()).where(_kind().ended_at.is_(None))
        return list(session.scalars(query.order_by(_kind().created_at.desc())))


def find(token: str) -> LinkColumns | None:
    """Return the living link of a token, None for any other."""
    with realm().read() as session:
        return _living(session, token)


def accept(token: str, name: str, password: str) -> StaffAccount:
    """Use a link: a new colleague comes to be, or one who is there has a new password and no open session.

    Raises DeadLinkError, and AccountError for a weak password or a missing name.
    """
    with realm().write() as session:
        link = _living(session, token, lock=True)
        if link is None:
            raise DeadLinkError
        called = " ".join(name.split())[:LONGEST_NAME]
        if link.staff_id is None:
            if not called:
                raise AccountError("Tulis nama Anda.", "name")
            staff = _join(session, link, called)
        else:
            staff = session.get_one(
                account_kind(), link.staff_id, with_for_update=True, populate_existing=True
            )
            if not staff.active:
                raise DeadLinkError
        check_new(password, staff)
        set_password(session, staff, password)
        link.ended_at = dt.datetime.now(tz=dt.UTC)
        action = "staff.join" if link.staff_id is None else "staff.reset_done"
        data = {"role": staff.role} if isinstance(staff, Staff) else {}
        audit.record(session, action=action, subject=realm().subject(staff.id), data=data)
    return staff


def _kind() -> type[LinkColumns]:
    return StaffLink if realm() is REGIONAL else CentralLink


def _with_email(session: Session, email: str) -> int | None:
    return session.scalar(select(account_kind().id).where(account_kind().email == email))


def _join(session: Session, link: LinkColumns, name: str) -> StaffAccount:
    if _with_email(session, link.email) is not None:
        raise DeadLinkError
    told = {"email": link.email, "name": name, "password_hash": UNUSABLE}
    if isinstance(link, StaffLink):
        staff: StaffAccount = Staff(**told, role=link.role, hall_id=link.hall_id, agency_id=link.agency_id)
    else:
        staff = CentralStaff(**told)
    session.add(staff)
    session.flush()
    return staff


def _new(session: Session, email: str, post: Post | None, staff_id: int | None) -> tuple[LinkColumns, str]:
    kind, token = _kind(), secrets.token_urlsafe(32)
    now = dt.datetime.now(tz=dt.UTC)
    older = select(kind).where(kind.email == email, kind.ended_at.is_(None)).with_for_update()
    for old in session.scalars(older):
        old.ended_at = now
    # The index allows one open link an address, and sees each row as it is written.
    session.flush()
    maker = actor.get()
    link = kind(
        email=email, staff_id=staff_id, token_hash=fingerprint("link", token), created_by=maker.name,
        created_by_id=maker.id if maker.kind == realm().kind else None, expires_at=now + LASTS,
    )  # fmt: skip
    if isinstance(link, StaffLink) and post is not None:
        link.role, link.hall_id, link.agency_id = post.role.value, post.hall_id, post.agency_id
    session.add(link)
    session.flush()
    return link, token


def _open(session: Session, link_id: int) -> LinkColumns:
    link = session.get(_kind(), link_id, with_for_update=True, populate_existing=True)
    if link is None or link.ended_at is not None:
        raise DeadLinkError
    return link


def _end(session: Session, which: ColumnElement[bool]) -> None:
    kind = _kind()
    ended = update(kind).where(which, kind.ended_at.is_(None)).values(ended_at=dt.datetime.now(tz=dt.UTC))
    session.execute(ended)


def _living(session: Session, token: str, *, lock: bool = False) -> LinkColumns | None:
    """Return the link of a token as long as it is good; its maker, who may just be losing the right, is asked too."""
    kind = _kind()
    query = select(kind).where(
        kind.token_hash.in_(fingerprints("link", token)),
        kind.ended_at.is_(None),
        kind.expires_at > func.now(),
        or_(kind.created_by_id.is_(None), kind.created_by_id.in_(heads())),
    )
    if lock:
        query = query.with_for_update()
    return session.scalar(query, execution_options={"populate_existing": True})
