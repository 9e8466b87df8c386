"""As root the servers get an unprivileged user and a place it can reach; no folder is opened."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from mpp.embedded import privileges
from mpp.embedded.errors import EmbeddedError
from mpp.embedded.programs import Programs, reachable

ROOT = os.geteuid() == 0


def test_data_stays_where_it_was_wanted_when_the_user_gets_there(reachable: Path) -> None:
    place = privileges.settle(reachable / "data" / "postgres", keep=True)
    assert place.path == reachable / "data" / "postgres"
    assert place.note is None
    assert place.path.stat().st_mode & 0o777 == 0o700
    if ROOT:
        assert place.identity is not None
        assert place.identity.uid != 0
        assert place.path.stat().st_uid == place.identity.uid
        assert (reachable / "data").stat().st_mode & 0o777 == 0o711
    else:
        assert place.identity is None
        assert (reachable / "data").stat().st_mode & 0o777 == 0o700


def test_behind_a_closed_folder_data_moves_and_the_folder_stays_closed(closed: Path) -> None:
    place = privileges.settle(closed / "data" / "postgres", keep=True)
    assert closed.stat().st_mode & 0o777 == 0o700
    if not ROOT:
        assert (place.path, place.identity, place.note) == (closed / "data/postgres", None, None)
        return
    assert place.identity is not None
    assert place.path.is_relative_to(privileges.STATE)
    assert place.path.stat().st_uid == place.identity.uid
    assert place.path.stat().st_mode & 0o777 == 0o700
    assert place.note is not None
    assert str(place.path) in place.note
    assert "\n" not in place.note
    again = privileges.settle(closed / "data" / "postgres", keep=True)
    assert again.path == place.path
    other = privileges.settle(closed / "other" / "postgres", keep=True)
    assert other.path != place.path


def test_moved_data_is_found_again_when_the_folder_was_opened_meanwhile(closed: Path) -> None:
    place = privileges.settle(closed / "data" / "postgres", keep=True)
    closed.chmod(0o711)
    assert privileges.settle(closed / "data" / "postgres", keep=True).path == place.path


def test_data_out_of_reach_is_never_silently_replaced_by_an_empty_place(reachable: Path) -> None:
    outer = reachable / "outer"
    place = privileges.settle(outer / "postgres", keep=True)
    (place.path / "PG_VERSION").touch()
    outer.chmod(0o700)
    if not ROOT:
        assert privileges.settle(outer / "postgres", keep=True).path == place.path
        return
    with pytest.raises(EmbeddedError, match="tidak dapat masuk"):
        privileges.settle(outer / "postgres", keep=True)


def test_a_temporary_place_is_used_for_tests_behind_a_closed_folder(closed: Path) -> None:
    place = privileges.settle(closed / "postgres", keep=False)
    assert place.temporary is ROOT
    assert not privileges.STATE.exists()
    place.path.rmdir()


def test_existing_data_is_served_as_its_owner(reachable: Path) -> None:
    folder = reachable / "postgres"
    folder.mkdir(mode=0o700)
    uid = 64321 if ROOT else os.geteuid()
    os.chown(folder, uid, -1)
    place = privileges.settle(folder, keep=True)
    assert place.path == folder
    assert (place.identity.uid if place.identity else os.geteuid()) == uid


def test_programs_are_copied_once_per_version_when_out_of_reach(closed: Path) -> None:
    folder = closed / "wheel" / "bin"
    folder.mkdir(parents=True)
    (folder / "postgres").write_text("#!/bin/sh\n", encoding="ascii")
    (folder / "postgres").chmod(0o700)
    programs = Programs(closed, "wheel/bin", "postgres", "pg-1", parts=("wheel",))
    identity = privileges.servant() if ROOT else None
    found, copied = reachable(programs, identity)
    assert copied is ROOT
    if identity is None:
        assert found == folder
        return
    assert found == found.parents[2] / "pg-1" / "wheel" / "bin"
    assert found.is_relative_to(privileges.STATE)
    assert privileges.can_enter(identity, found / "postgres")
    assert not privileges.can_enter(identity, folder)
    number = found.stat().st_ino
    assert reachable(programs, identity)[0].stat().st_ino == number
    reachable(replace(programs, version="pg-2"), identity)
    assert sorted(path.name for path in found.parents[2].iterdir()) == ["pg-1", "pg-2"]
    with pytest.raises(EmbeddedError, match="tidak dapat dijalankan"):
        reachable(replace(programs, parts=()), identity)


def test_the_servant_is_an_existing_user_other_than_root() -> None:
    assert privileges.servant().uid != 0
