"""All models of the platform in one metadata; who adds a models module is known from its name alone."""

from __future__ import annotations

import importlib
import pkgutil

from sqlalchemy import MetaData, Table

from mpp.database.models import PLATFORM_SCHEMA, Base

KERNEL_MODELS = (
    "mpp.tenancy.models",
    "mpp.accounts.models",
    "mpp.accounts.proof_models",
    "mpp.audit",
    "mpp.audit.models",
    "mpp.outbox",
    "mpp.crypto.models",
    "mpp.storage.models",
    "mpp.privacy.models",
    "mpp.citizens.models",
    "mpp.citizens.family_models",
    "mpp.citizens.powers_models",
    "mpp.identity.models",
    "mpp.support.models",
)
# Packages that sit on higher floors are found by name, not imported upwards.
FEATURES = "tenants"
MODULES = ("models", "acting_models")


def metadata() -> MetaData:
    """Return the metadata with every model loaded: the kernel's and each feature's `models` module."""
    for name in KERNEL_MODELS:
        importlib.import_module(name)
    package = importlib.import_module(FEATURES)
    features = [f.name for f in pkgutil.iter_modules(package.__path__, f"{FEATURES}.")]
    for name in [f"{feature}.{module}" for feature in features for module in MODULES]:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
    return Base.metadata


def region_tables() -> list[Table]:
    """Return the tables of a region's schema, referenced ones first."""
    return [table for table in metadata().sorted_tables if table.schema is None]


def platform_tables() -> list[Table]:
    """Return the tables of schema `platform`, referenced ones first."""
    return [table for table in metadata().sorted_tables if table.schema == PLATFORM_SCHEMA]
