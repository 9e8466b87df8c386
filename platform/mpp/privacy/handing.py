"""A dossier as the file that its owner takes along."""

from __future__ import annotations

from mpp.privacy.dossier import Dossier, as_json
from mpp.privacy.paper import as_pdf

FORMS = {"json": "application/json", "pdf": "application/pdf"}


def hand_over(dossier: Dossier, form: str) -> tuple[bytes, str]:
    """Return the content of the file and its type. Raises KeyError for a form that is none of FORMS."""
    mimetype = FORMS[form]
    return (as_json(dossier).encode() if form == "json" else as_pdf(dossier)), mimetype
