"""Numbers out of forms and addresses: bounded in size and in how many, everywhere in one way."""

from __future__ import annotations

import re

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from mpp.settings import ROOT
from mpp.web.form_data import LARGEST, whole, wholes

TOO_MUCH = ("-1", str(LARGEST + 1), "9" * 4000, "0" * 20, "x", "", "1.5", "1_0" * 9)


def test_a_whole_number_is_one_that_the_database_and_a_browser_hold() -> None:
    assert whole("7") == whole(7) == 7 and whole(str(LARGEST)) == LARGEST
    for text in TOO_MUCH:
        with pytest.raises(ValueError, match=r"."):
            whole(text)


def test_several_numbers_are_as_many_as_are_asked_for_and_each_once() -> None:
    sent = MultiDict([("n", "3"), ("n", "1"), ("n", "3"), ("m", "9"), *(("n", text) for text in TOO_MUCH)])
    assert wholes(sent, "n", 20) == [3, 1] and wholes(sent, "o", 20) == []
    with pytest.raises(BadRequest):
        wholes(sent, "n", 10)


def test_no_page_reads_numbers_in_a_way_of_its_own() -> None:
    own = re.compile(r"\.getlist\(|type=int\b|coerce=int\b|int\(request\.")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sorted((ROOT / "blueprints").rglob("*.py"))
        for line in path.read_text().splitlines()
        if own.search(line)
    ]
    assert found == []
