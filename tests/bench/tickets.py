"""(c) Taking a number over HTTP against pgbench running the very SQL that the service sends."""

from __future__ import annotations

import http.client
import re
import secrets
import subprocess
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from sqlalchemy import event, make_url

from mpp.database.fence import opening
from mpp.database.roles import app_url
from mpp.database.session import db, serve
from mpp.embedded.postgres import find_programs
from mpp.settings import Settings
from mpp.tenancy.provision import owner
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing.taking import take_ticket
from tests.bench.report import figure
from tests.support.live import Live
from tests.support.proof import work

SECONDS = 8
CLIENTS = 8
SERVICE = "ktp-el-baru"
# Values that stand nowhere else in the recorded SQL, so that they can be replaced safely.
NUMBER, TICKET_ID, KEY = 987654, 8765432, "bench-" + "k" * 20


def run(settings: Settings, app: Platform, region: Region, here: Live) -> bool:
    """Print tickets a second of both and their ratio; both take from one series, as citizens do."""
    script = settings.data_dir / "take.sql"
    script.write_text(_recorded(settings, app, region), encoding="utf-8")
    # In this order, and the means of both: a drift of the machine meets both alike.
    first, second, third, fourth = (
        _http(here), _pgbench(settings, script), _pgbench(settings, script), _http(here),
    )  # fmt: skip
    over_http, in_sql = (first + fourth) / 2, (second + third) / 2
    figure("tickets", "http_per_second", over_http, "1/s")
    figure("tickets", "pgbench_per_second", in_sql, "1/s")
    return figure("tickets", "http_to_pgbench", over_http / in_sql, "x")


def _recorded(settings: Settings, app: Platform, region: Region) -> str:
    """Take one ticket, and return its statements as a pgbench script of one transaction."""
    _sentinels(settings, app, region)
    statements: list[str] = []
    with app.app_context(), serve(region):

        def record(_c: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
            statements.append(psycopg.ClientCursor(cursor.connection).mogrify(statement, parameters))

        event.listen(db.engine, "before_cursor_execute", record)
        ticket = take_ticket(SERVICE, "B.", None, KEY, "web")
        event.remove(db.engine, "before_cursor_execute", record)
    assert (ticket.number, ticket.id) == (NUMBER, TICKET_ID)
    fresh = "md5(random()::text || clock_timestamp()::text)"
    lines = [f"{opening(region)};"]
    for statement in statements:
        text = re.sub(r"\s+", " ", statement).replace(f"'{ticket.code}'", fresh).replace(f"'{KEY}'", fresh)
        text = re.sub(r"::(VARCHAR|TEXT|BIGINT)\b", "", text).replace(str(NUMBER), ":s_last_number")
        text = text.replace(str(TICKET_ID), ":t_id").replace(":t_id'", "x'")
        end = ";"
        if text.startswith("INSERT INTO ticket_series"):
            end = " \\gset s_"
        elif text.startswith("INSERT INTO ticket "):
            end = " \\gset t_"
        lines.append(text + end)
    return "\n".join([*lines, "COMMIT;", ""])


def _sentinels(settings: Settings, app: Platform, region: Region) -> None:
    with app.app_context(), serve(region):
        first = take_ticket(SERVICE, "A.", None, "bench-first-" + secrets.token_hex(8), "web")
    with owner(settings) as connection:
        connection.execute(f"SET search_path TO {region.schema}")
        connection.execute(f"ALTER SEQUENCE ticket_id_seq RESTART WITH {TICKET_ID}")
        connection.execute(
            "UPDATE ticket_series SET last_number = %s WHERE prefix = %s", (NUMBER - 1, first.prefix)
        )


def _pgbench(settings: Settings, script: Path) -> float:
    url = make_url(app_url(settings))
    found_programs = find_programs()
    argv = [
        str(found_programs.root / found_programs.folder / "pgbench"),
        "-n", "-f", str(script), "-c", str(CLIENTS), "-j", "1", "-T", str(SECONDS),
        "-h", str(url.host), "-p", str(url.port), "-U", str(url.username), str(url.database),
    ]  # fmt: skip
    done = subprocess.run(
        argv, capture_output=True, text=True, check=False, env={"PGPASSWORD": str(url.password)}
    )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found and "failed transactions: 0" in done.stdout.replace("number of ", ""), (
        done.stdout + done.stderr
    )
    return float(found[1])


def _http(here: Live) -> float:
    """Clients at loopback addresses of their own, so that the limits count them as different people."""
    stop = time.perf_counter() + SECONDS
    counts = [0] * CLIENTS

    def client(number: int) -> None:
        turn = 0
        while time.perf_counter() < stop:
            turn += 1
            counts[number] += _visitor(here, f"127.{number + 1}.{turn % 250}.{turn // 250 + 1}", stop)

    threads = [threading.Thread(target=client, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def _visitor(here: Live, address: str, stop: float) -> int:
    """Open the form once and send it ten times; return how many numbers were given."""
    connection = http.client.HTTPConnection("127.0.0.1", here.port, source_address=(address, 0), timeout=20)
    headers = {"Host": f"bukittinggi.localhost:{here.port}"}
    path = f"/antrean/ambil?layanan={SERVICE}"
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    page = answer.read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token, page[:500]
    headers["Cookie"] = (answer.headers["Set-Cookie"] or "").partition(";")[0]
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    given = 0
    proof = work(_fields(page)["lahir"])
    for _ in range(10):
        if time.perf_counter() >= stop:
            break
        fields = _fields(page) | {"nama": "B.", "hp": "", "csrf_token": token[1], "bukti": proof}
        fields["kunci"] = secrets.token_urlsafe(18)
        connection.request("POST", "/antrean/ambil", urlencode(fields), headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status in {302, 303}, answer.status
        given += 1
    connection.close()
    return given


def _fields(page: str) -> dict[str, str]:
    """Hidden fields of the form as it stands."""
    tags = re.findall(r"<input[^>]*>", page)
    pairs = [
        (re.search(r'name="([^"]+)"', t), re.search(r'value="([^"]*)"', t)) for t in tags if "hidden" in t
    ]
    return {name[1]: value[1] for name, value in pairs if name and value}
