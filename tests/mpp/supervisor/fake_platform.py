"""A tiny platform for the tests: `up` runs the real `run_up` over the other commands here.

Usage: fake_platform.py up PORT DATA_DIR | db prepare | demo sign-ins --json | worker | serve PORT
"""

import http.server
import json
import os
import sys
import time
from pathlib import Path

from mpp.supervisor import commands, up
from mpp.supervisor.service import CommandService, answers

HERE = Path(__file__).resolve()


def _mpp(*arguments: str) -> list[str]:
    return [sys.executable, str(HERE), *arguments]


def _children(port: int, env: dict[str, str], log_dir: Path) -> list[CommandService]:
    return [
        CommandService("worker", _mpp("worker"), env=env, log_dir=log_dir),
        CommandService(
            "web",
            _mpp("serve", str(port)),
            env=env,
            log_dir=log_dir,
            ready=lambda: answers(port, "/readyz", "localhost"),
        ),
    ]


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer everything with 200."""
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> int:
    """Run one of the commands; the exit code."""
    match sys.argv[1:]:
        case ["up", port, data_dir]:
            commands.mpp = _mpp
            commands.children = _children  # type: ignore[assignment]  # a shorter table
            return up.run_up(int(port), Path(data_dir), demo=True)
        case ["db", "prepare"]:
            print("21 dari 21 daerah siap", flush=True)
            if problem := os.environ.get("FAKE_PREPARE_PROBLEM"):
                raise RuntimeError(problem)
        case ["demo", "sign-ins", "--json"]:
            row = {"where": "Bukittinggi", "role": "Admin", "user": "admin", "password": "rahasia"}
            print(json.dumps([row]))
        case ["serve", port]:
            http.server.HTTPServer(("127.0.0.1", int(port)), _Page).serve_forever()
        case ["worker"]:
            if problem := os.environ.get("FAKE_WORKER_PROBLEM"):
                print(problem, file=sys.stderr)
                return 3
            time.sleep(600)
    return 0


if __name__ == "__main__":
    sys.exit(main())
