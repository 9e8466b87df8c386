"""The portal's face as versions: draft, publish, discard, restore. Exactly one is published, one at most a draft."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mpp import audit
from mpp.database.session import read, write
from mpp.i18n import clock
from mpp.tenancy import content as public_content
from mpp.tenancy.models import ContentState
from mpp.tenancy.region import current_region
from tenants.portal import images
from tenants.portal.content import Content, changes, check, defaults, tidy
from tenants.portal.errors import (
    InvalidContentError,
    NoDraftError,
    NothingChangedError,
    StaleDraftError,
    UnknownVersionError,
)
from tenants.portal.models import Asset, PortalVersion
from tenants.portal.readability import check_colours

DRAFT, PUBLISHED, ARCHIVED = "draft", "published", "archived"
MOST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Desk:
    """What an administrator finds: the content to go on from, and where it stands.

    `seen` names this very state; saving hands it back, so that nobody overwrites what they have not seen.
    """

    content: Content
    seen: str
    published: PortalVersion | None
    draft: PortalVersion | None
    # Names of the fields in which the draft differs from what is published.
    changed: list[str]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One version in the history, and what it changed against the one published before it."""

    version: PortalVersion
    changed: list[str]


def desk() -> Desk:
    """Return the draft, else what is published, else the defaults of the region at hand."""
    with read() as session:
        return _desk(session)


def history() -> list[HistoryEntry]:
    """Return every version, newest first."""
    with read() as session:
        versions = session.scalars(select(PortalVersion).order_by(PortalVersion.number.desc())).all()
    befores: list[Mapping[str, Any]] = [version.content for version in versions[1:]]
    return [
        HistoryEntry(version, changes(before, version.content) if before else [])
        for version, before in zip(versions, [*befores, {}], strict=True)
    ]


def version(number: int) -> PortalVersion:
    """Return one version of the history. Raises UnknownVersionError."""
    with read() as session:
        found = session.scalar(select(PortalVersion).where(PortalVersion.number == number))
    if found is None:
        raise UnknownVersionError
    return found


def save_draft(content: Mapping[str, Any], seen: str, *, logo: bytes | None = None) -> PortalVersion | None:
    """Keep `content` as the draft and return it; None when it says what is published already.

    `logo` is an uploaded file that takes the place of the logo in `content`. Raises InvalidContentError,
    ImageRefusedError, StaleDraftError.
    """
    clean, problems = check(content)
    if problems:
        raise InvalidContentError(problems)
    # Scanning and drawing take time: not while the portal's draft is held.
    picture = images.looked_at(logo) if logo else None
    with write() as session:
        _lock(session)
        now = _desk(session)
        _refuse_stale(now, seen)
        if picture:
            clean["logo"] = images.keep(session, picture)
        elif clean["logo"] and session.get(Asset, clean["logo"]) is None:
            raise InvalidContentError({"logo": "Logo itu tidak ada di daerah ini. Unggah lagi gambarnya."})
        if now.draft is None and now.published is not None and not changes(now.published.content, clean):
            return None
        if now.draft is not None and not changes(now.draft.content, clean):
            return now.draft
        draft = _put_draft(session, now.draft, clean)
        audit.record(
            session,
            action="portal.save_draft",
            subject=f"portal_version:{draft.number}",
            data={"changed": changes(now.content, clean)},
        )
        return draft


def publish(note: str | None = None, *, seen: str | None = None) -> PortalVersion:
    """Show the draft to everybody from the next request on, and return it.

    Raises NoDraftError, NothingChangedError, StaleDraftError, and InvalidContentError when a colour is too close
    to the text on it.
    """
    note = tidy(note)
    if len(note) > MOST_NOTE:
        raise InvalidContentError({"note": f"Catatan paling panjang {MOST_NOTE} huruf."})
    with write() as session:
        _lock(session)
        now = _desk(session)
        if seen is not None:
            _refuse_stale(now, seen)
        draft = now.draft
        if draft is None:
            raise NoDraftError
        if now.published is not None and not now.changed:
            raise NothingChangedError
        _refuse_unreadable(draft.content)
        if now.published is not None:
            now.published.state = ARCHIVED
            # Ahead of the next statement: the database allows one published version at a time.
            session.flush()
        draft.state = PUBLISHED
        draft.note = note or None
        # The history names who showed it to everybody; who drafted it stands in the audit log.
        draft.created_by = audit.actor.get().name
        draft.published_at = dt.datetime.now(dt.UTC)
        session.flush()
        public_content.touch(session)
        audit.record(
            session,
            action="portal.publish",
            subject=f"portal_version:{draft.number}",
            data={"changed": now.changed, "note": note},
        )
        return draft


def discard_draft() -> None:
    """Throw the draft away; what is published stays. Raises NoDraftError."""
    with write() as session:
        _lock(session)
        now = _desk(session)
        if now.draft is None:
            raise NoDraftError
        audit.record(
            session,
            action="portal.discard_draft",
            subject=f"portal_version:{now.draft.number}",
            data={"changed": now.changed},
        )
        session.delete(now.draft)


def restore(number: int) -> PortalVersion:
    """Make version `number` the draft, in place of the draft there is, and return it.

    Nothing shows until it is published. Raises UnknownVersionError.
    """
    with write() as session:
        _lock(session)
        old = session.scalar(
            select(PortalVersion).where(PortalVersion.number == number, PortalVersion.state != DRAFT)
        )
        if old is None:
            raise UnknownVersionError
        now = _desk(session)
        draft = _put_draft(session, now.draft, dict(old.content), restored_from=number)
        audit.record(
            session,
            action="portal.restore",
            subject=f"portal_version:{draft.number}",
            data={"from": number, "replaced_draft": now.draft is not None},
        )
        return draft


def _lock(session: Session) -> None:
    """Let one administrator at a time change versions: every region has this one row."""
    session.execute(select(ContentState.id).where(ContentState.id == 1).with_for_update())


def _desk(session: Session) -> Desk:
    found = session.scalars(
        select(PortalVersion)
        .where(PortalVersion.state.in_((DRAFT, PUBLISHED)))
        # Read again what another transaction may have changed before the lock was ours.
        .execution_options(populate_existing=True)
    ).all()
    by_state = {version.state: version for version in found}
    published, draft = by_state.get(PUBLISHED), by_state.get(DRAFT)
    current = draft or published
    shown = published.content if published else {}
    return Desk(
        content=dict(current.content) if current else defaults(current_region()),
        seen=_seen(current),
        published=published,
        draft=draft,
        changed=changes(shown, draft.content) if draft else [],
    )


def _seen(version: PortalVersion | None) -> str:
    if version is None:
        return "0"
    return f"{version.id}.{int(version.updated_at.timestamp() * 1_000_000)}"


def _refuse_stale(now: Desk, seen: str) -> None:
    if seen == now.seen:
        return
    other = now.draft or now.published
    told = f" ({other.created_by}, pukul {clock(other.updated_at)})" if other else ""
    raise StaleDraftError(
        f"Tampilan ini sudah diubah sejak halaman Anda dibuka{told}. Isian Anda masih ada di bawah: "
        "simpan sekali lagi untuk memakainya, atau muat ulang halaman untuk melihat perubahan itu."
    )


def _refuse_unreadable(content: Mapping[str, Any]) -> None:
    problems = {
        check.field: f"{check.title} sulit dibaca ({check.ratio_text}, paling sedikit 4,5 : 1). "
        f"Pakai {check.suggestion}, atau pilih warna yang lebih tua atau lebih muda."
        for check in check_colours(content["color_1"], content["color_2"])
        if check.stops and not check.passes
    }
    if problems:
        raise InvalidContentError(problems)


def _put_draft(
    session: Session, draft: PortalVersion | None, content: Content, restored_from: int | None = None
) -> PortalVersion:
    if draft is None:
        last = session.scalar(select(func.max(PortalVersion.number))) or 0
        draft = PortalVersion(number=last + 1, state=DRAFT)
        session.add(draft)
    draft.content = content
    draft.created_by = audit.actor.get().name
    draft.updated_at = dt.datetime.now(dt.UTC)
    # A draft that goes on from a restored version still comes from it.
    draft.restored_from = restored_from or draft.restored_from
    session.flush()
    return draft
