"""(a) A transaction through the region fence against the same one without: role and schema fixed at connect."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import create_engine, event, func, insert, select, update
from sqlalchemy.orm import Session

from mpp.database.fence import fence
from mpp.database.roles import app_url
from mpp.settings import Settings
from mpp.tenancy.region import Region, region_context
from tenants.hall.models import Counter, Hall
from tenants.portal.models import Announcement
from tests.bench.report import figure, interleaved, ratio

ROUNDS = 1500


def run(settings: Settings, region: Region) -> bool:
    """Print the ratio of medians; both sides do a page's and a form's worth of statements."""
    options = {"connect_args": {"prepare_threshold": None}, "pool_size": 1}
    fenced = create_engine(app_url(settings), **options)
    fence(fenced)
    plain = create_engine(settings.database_url, **options)

    @event.listens_for(plain, "connect")
    def _fixed(dbapi: object, _record: object) -> None:
        dbapi.execute(f"SET ROLE {region.role}")  # type: ignore[attr-defined]  # psycopg's own
        dbapi.execute(f"SET search_path TO {region.schema}")  # type: ignore[attr-defined]
        dbapi.commit()  # type: ignore[attr-defined]

    def work(engine: object) -> Callable[[], None]:
        def transaction() -> None:
            with region_context(region), Session(engine) as session:  # type: ignore[arg-type]
                session.scalar(select(func.count()).select_from(Counter))
                session.scalars(select(Hall)).all()
                session.execute(
                    insert(Announcement).values(
                        title="x", body="x", starts_on=region.today(), created_by="bench"
                    )
                )
                session.execute(
                    update(Announcement).values(body="y").where(Announcement.title == "tidak ada")
                )
                session.scalars(select(Counter.id).limit(5)).all()
                session.commit()

        return transaction

    first, second = work(fenced), work(plain)
    interleaved(first, second, 100)
    with_fence, without = interleaved(first, second, ROUNDS)
    met = figure("fence", "transaction_ratio", ratio(with_fence, without), "x", most=1.10)
    fenced.dispose()
    plain.dispose()
    return met
