"""Speaking to the centre without leaving the process: requests' own transport, over WSGI instead of a socket.

A region's server and the centre's are the same processes. A loop back over HTTP would need a second worker thread for
each sign-in; a crowd that signs in at once would wait for itself.
"""

from __future__ import annotations

from contextvars import Context
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from werkzeug.test import EnvironBuilder, run_wsgi_app

from mpp.web.flask import Platform


class Inside(BaseAdapter):
    """Carries requests for the centre into the app itself. `address` is the network address of who is served."""

    def __init__(self, app: Platform, address: str | None) -> None:
        super().__init__()
        self._app = app
        self._address = address or "127.0.0.1"

    def send(self, request: PreparedRequest, *_words: Any, **_options: Any) -> Response:
        """Return the app's answer.

        Runs in an empty context: neither region nor session nor actor of the request being served is seen inside,
        and none of them is touched.
        """
        return Context().run(self._send, request)

    def close(self) -> None:
        """Nothing is held open."""

    def _send(self, request: PreparedRequest) -> Response:
        # Only forms are sent; nothing is streamed.
        body = request.body if isinstance(request.body, str | bytes) else b""
        url = urlsplit(str(request.url))
        builder = EnvironBuilder(
            path=url.path,
            base_url=f"{url.scheme}://{url.netloc}",
            query_string=url.query,
            method=request.method or "GET",
            headers=[(name, str(value)) for name, value in request.headers.items()],
            input_stream=BytesIO(body.encode() if isinstance(body, str) else body),
            environ_base={"REMOTE_ADDR": self._address},
        )
        answer, status, headers = run_wsgi_app(self._app.wsgi_app, builder.get_environ(), buffered=True)
        response = Response()
        response.status_code = int(status.partition(" ")[0])
        response.headers = CaseInsensitiveDict(headers)
        response.request, response.url, response.encoding = request, str(request.url), "utf-8"
        response._content = b"".join(answer)  # noqa: SLF001  # what is read is set here; there is no socket to read from
        return response
