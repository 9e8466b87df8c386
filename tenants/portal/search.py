"""Search in everyday words, with typing errors: PostgreSQL's Indonesian full text and trigrams, ranked together.

A query is first said in the catalogue's words (tenants/catalogue/data/everyday_words.toml); a word nobody knows is
taken for the nearest known one. What is left is matched word by word, so that one odd word spoils nothing.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Float, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import REGCONFIG
from sqlalchemy.orm import Session

import tenants.catalogue
from tenants.catalogue.models import Agency, LifeEvent, Service, ServiceStandard
from tenants.hall.models import AgencyPresence
from tenants.services.models import RegionService

DATA = Path(tenants.catalogue.__file__).parent / "data" / "everyday_words.toml"
INDONESIAN = cast(literal("indonesian"), REGCONFIG)
MOST_WORDS = 8
LONGEST_QUERY = 120
# A word counts as found from this trigram similarity on; shorter words need all of their letters.
CLOSE = 0.55
# Less than this of the query's words found: no result rather than a wrong one.
LEAST = 0.5
# Half of what the best service reached: the tail below it is noise.
TAIL = 0.55
MOST_FOUND = 12
# Life events and agencies are named in few words, so most of the query must be among them.
LEAST_NAMED = 0.75
# How near a word must be to be offered as what was meant.
SUGGESTED = 0.72
WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Everyday:
    """How people write, and the words of the catalogue."""

    stop_words: frozenset[str]
    phrases: tuple[tuple[str, str], ...]
    words: dict[str, str]
    # Every word that stands in the file: what is not among them may be a slip of the finger.
    spellings: frozenset[str]


@dataclass(frozen=True, slots=True)
class Found:
    """What a query found: services best first, life events, agencies of the halls."""

    services: list[RegionService]
    life_events: list[LifeEvent]
    agencies: list[Agency]
    suggestion: str | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing was found at all."""
        return not (self.services or self.life_events or self.agencies)


@cache
def everyday() -> Everyday:
    """Return the everyday words, read once a process."""
    data: dict[str, Any] = tomllib.loads(DATA.read_text("utf-8"))
    phrases = sorted(data["phrases"].items(), key=lambda pair: -len(pair[0]))
    pairs = [*phrases, *data["words"].items()]
    texts = [*data["stop_words"], *(text for pair in pairs for text in pair)]
    spellings = frozenset(word for text in texts for word in text.split())
    return Everyday(frozenset(data["stop_words"]), tuple(phrases), data["words"], spellings)


def tokens(text: str) -> list[str]:
    """Return the words of `text`, lower case, marks off."""
    return WORD.findall(text.lower()[:LONGEST_QUERY])


def normalise(query: str) -> list[str]:
    """Return what is looked for in the catalogue's words, without stop words unless nothing else is left."""
    known = everyday()
    line = f" {' '.join(_mended(word) for word in tokens(query))} "
    for phrase, formal in known.phrases:
        line = line.replace(f" {phrase} ", f" {formal} ")
    words = [part for word in line.split() for part in known.words.get(word, word).split()]
    kept = [word for word in words if word not in known.stop_words] or words
    return list(dict.fromkeys(kept))[:MOST_WORDS]


def search(session: Session, query: str) -> Found:
    """Return what `query` finds among the services that are on here, the life events and the agencies present."""
    words = normalise(query)
    if not words:
        return Found([], [], [])
    services = _services(session, words, " ".join(tokens(query)))
    found = Found(services, _life_events(session, words), _agencies(session, words))
    if not found.empty:
        return found
    return Found([], [], [], _suggestion(session, words))


def _services(session: Session, words: list[str], raw: str) -> list[RegionService]:
    text, name = ServiceStandard.search_text, ServiceStandard.name
    phrase = " ".join(words)
    matched = sum((_word_score(word) for word in words), literal(0.0)) / len(words)
    named = sum((_near(word, name) for word in words), literal(0.0)) / len(words)
    score = (
        matched
        + 0.35 * named
        + 0.5 * func.greatest(_likeness(raw, text), _likeness(phrase, text))
        + 0.2 * func.greatest(_likeness(raw, name), _likeness(phrase, name))
    )
    query = (
        select(RegionService, score.label("score"))
        .join(ServiceStandard, ServiceStandard.id == RegionService.standard_id)
        .join(Service, Service.id == RegionService.service_id)
        .where(RegionService.enabled, Service.active, matched >= LEAST)
        .order_by(score.desc(), Service.number)
        .limit(MOST_FOUND)
    )
    rows = session.execute(query).all()
    return [row for row, points in rows if points >= TAIL * rows[0][1]]


def _word_score(word: str) -> ColumnElement[float]:
    """1 when full text finds the word, less when only its letters are near, 0 when neither."""
    exact = ServiceStandard.search.op("@@")(func.plainto_tsquery(INDONESIAN, word))
    return case((exact, literal(1.0)), else_=_near(word, ServiceStandard.search_text) * 0.85)


def _near(word: str, text: Any) -> ColumnElement[float]:
    """The trigram likeness of `word` to a part of `text`, 0 below the threshold."""
    likeness = _likeness(word, text)
    return case((likeness >= (CLOSE if len(word) > 3 else 0.95), likeness), else_=literal(0.0))


def _likeness(words: str, text: Any) -> ColumnElement[float]:
    return cast(func.extensions.strict_word_similarity(words, func.lower(text)), Float)


def _life_events(session: Session, words: list[str]) -> list[LifeEvent]:
    text = func.concat_ws(" ", LifeEvent.name, LifeEvent.summary)
    score = sum((_near(word, text) for word in words), literal(0.0)) / len(words)
    query = select(LifeEvent).where(score >= LEAST_NAMED).order_by(score.desc(), LifeEvent.position).limit(2)
    return list(session.scalars(query))


def _agencies(session: Session, words: list[str]) -> list[Agency]:
    text = func.concat_ws(" ", Agency.short_name, Agency.name, AgencyPresence.local_name)
    score = sum((_near(word, text) for word in words), literal(0.0)) / len(words)
    query = (
        select(Agency)
        .join(AgencyPresence, AgencyPresence.agency_id == Agency.id)
        .where(score >= LEAST_NAMED)
        .order_by(score.desc(), Agency.position)
        .limit(3)
    )
    return list(dict.fromkeys(session.scalars(query)))


def _mended(word: str) -> str:
    """Return `word`, or the everyday word it was probably meant to be."""
    known = everyday().spellings
    if len(word) <= 3 or word in known:
        return word
    # Fingers slip inside a word, hardly ever on its first letter.
    candidates = sorted(other for other in known if other[0] == word[0])
    near = difflib.get_close_matches(word, candidates, n=1, cutoff=0.8)
    return near[0] if near else word


def _suggestion(session: Session, words: list[str]) -> str | None:
    """Return the query in the nearest words that services here do have, when that differs from it."""
    texts = session.scalars(
        select(ServiceStandard.search_text)
        .join(RegionService, RegionService.standard_id == ServiceStandard.id)
        .where(RegionService.enabled)
    )
    vocabulary = sorted({word for text in texts for word in tokens(text) if len(word) > 2})
    nearest = [difflib.get_close_matches(word, vocabulary, n=1, cutoff=SUGGESTED) for word in words]
    mended = " ".join(match[0] for match in nearest if match)
    return mended if mended and mended != " ".join(words) else None
