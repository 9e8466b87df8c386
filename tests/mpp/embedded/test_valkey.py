"""A real Valkey: loopback, password, nothing evicted, jobs kept over a restart."""

import os
from pathlib import Path

import pytest
import redis

from mpp.embedded import privileges
from mpp.embedded.valkey import EmbeddedValkey


def test_it_asks_for_a_password_that_no_process_list_shows(reachable: Path) -> None:
    with EmbeddedValkey(reachable, durable=False) as server:
        assert server.process is not None
        with redis.Redis.from_url(server.url) as client:
            assert client.ping()
            settings = client.config_get()
            assert settings["bind"] == "127.0.0.1"
            assert settings["maxmemory-policy"] == "noeviction"
            assert settings["appendonly"] == "no"
        password, _, host = server.url.removeprefix("redis://:").partition("@")
        with (
            redis.Redis.from_url(f"redis://{host}") as stranger,
            pytest.raises(redis.AuthenticationError),
        ):
            stranger.ping()
        words = Path(f"/proc/{server.process.pid}/cmdline").read_bytes()
        assert password.encode() not in words
        assert (server.place.path / "valkey.conf").stat().st_mode & 0o777 == 0o600
        if os.geteuid() == 0:
            runs_as = Path(f"/proc/{server.process.pid}").stat().st_uid
            assert runs_as == privileges.servant().uid


def test_what_was_queued_survives_kill_9_at_the_same_address(reachable: Path) -> None:
    server = EmbeddedValkey(reachable)
    try:
        url = server.start()
        with redis.Redis.from_url(url) as client:
            client.config_set("appendfsync", "always")
            client.rpush("queue", "job")
        assert server.process is not None
        server.process.kill()
        server.process.wait()
        assert server.start() == url
        with redis.Redis.from_url(url) as client:
            assert client.lrange("queue", 0, -1) == [b"job"]
    finally:
        server.stop()
