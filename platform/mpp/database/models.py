"""The declarative base and the columns that every table shares."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Identity, MetaData, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

PLATFORM_SCHEMA = "platform"

# Names are fixed by convention, so that a migration, the script and the models give the same schema.
NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all models. Tables without a schema live in a region; the others in `platform`."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        dict[str, Any]: JSONB,
        list[str]: JSONB,
        list[int]: JSONB,
        list[dict[str, Any]]: JSONB,
        dt.datetime: DateTime(timezone=True),
        int: BigInteger,
    }


# bigint everywhere: a region must stay movable to a sharded database.
BigId = Annotated[int, mapped_column(BigInteger, Identity(always=False), primary_key=True)]
# Always UTC in the database; screens show the region's zone.
CreatedAt = Annotated[
    dt.datetime, mapped_column(DateTime(timezone=True), server_default=func.now(), nullable=False)
]
