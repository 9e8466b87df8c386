"""Files in a bucket: the store that production uses, asked over HTTP."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator

import pytest
from obstore.exceptions import AlreadyExistsError

from mpp.database.session import write
from mpp.jobs.handlers import Job
from mpp.settings import Settings
from mpp.storage import jobs
from mpp.storage.service import Files, keep, open_file, remove
from mpp.storage.stores import open_store
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.files import picture
from tests.support.hall import at
from tests.support.s3 import KEY, Bucket, bucket


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with bucket() as found:
        for name, value in {
            "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": "rahasia-uji", "AWS_REGION": "ap-southeast-3",
            "AWS_ENDPOINT_URL": found.url, "AWS_ALLOW_HTTP": "true",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        yield found


@pytest.fixture
def in_bucket(settings: Settings) -> Settings:
    return dataclasses.replace(settings, storage_url="s3://berkas/awalan")


def test_a_file_is_sealed_into_the_bucket_given_out_and_removed(
    app: Platform, bukittinggi: Region, s3: Bucket, in_bucket: Settings
) -> None:
    files, photo = Files(open_store(in_bucket), None), picture()
    with at(app, bukittinggi):
        with write() as session:
            file = keep(session, photo, subject="request:1", purpose="correction", files=files)
        (name,) = s3.objects
        assert name == f"awalan/{file.name}" and name.startswith(f"awalan/region-{bukittinggi.id}/")
        assert photo[:64] not in s3.objects[name][0]
        given = b"".join(open_file(file.id, lambda _file: True, files=files).pieces)
        assert given.startswith(b"\xff\xd8\xff") and len(given) == file.size
        with write() as session:
            remove(session, file)
        with write() as session:
            jobs.delete(Job(session, {"name": file.name}, in_bucket, bukittinggi))
        assert s3.objects == {}
        with pytest.raises(FileNotFoundError):
            list(files.store.get(file.name))


def test_a_name_is_never_written_over_and_strays_are_swept_page_by_page(
    app: Platform, bukittinggi: Region, s3: Bucket, in_bucket: Settings
) -> None:
    store = open_store(in_bucket)
    store.put("region-1/a", [b"x" * 300_000, b"y"])
    with pytest.raises(AlreadyExistsError):
        store.put("region-1/a", [b"z"])
    assert sum(map(len, store.get("region-1/a"))) == 300_001
    long_ago = dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=2)
    for number in range(5):
        s3.objects[f"awalan/region-{bukittinggi.id}/lama{number}"] = b"noise", long_ago
    s3.objects["awalan/region-99/lama"] = b"a neighbour's", long_ago
    s3.page = 2
    with at(app, bukittinggi), write() as session:
        jobs.sweep(Job(session, {}, in_bucket, bukittinggi))
    assert set(s3.objects) == {"awalan/region-1/a", "awalan/region-99/lama"}
