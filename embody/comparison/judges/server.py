"""The page on this machine alone, and a place for its answers."""

import json
import os
import re
import sys
import urllib.parse
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from embody.comparison.judges.answers import LARGEST_ANSWER_BYTES, AnswerFile, parsed
from embody.comparison.judges.study import ANSWERS, PAGE, load_study
from embody.errors import EmbodyError

HOST = "127.0.0.1"

_JUDGE = re.compile(r"[0-9a-f]{32}")
_IDLE_S = 20.0


class JudgeServer(ThreadingHTTPServer):
    """Shows one page at ``/``, takes answers at ``/answers``, tells a judge's at ``/progress``.

    Listens on the loopback interface only; nothing else of the disk can be asked for. What comes
    from another web page (its ``Origin`` or ``Host`` is not this server's), is too long, is not
    JSON or is not an answer of this study is refused. Answers are written through to
    ``private/answers.ndjson`` line by line, so that a restart loses none.

    Parameters
    ----------
    folder
        A study that `build_page` wrote.
    port
        Port; 0 takes a free one.

    Raises
    ------
    EmbodyError
        If the folder holds no study, its answers are damaged, or the port is taken.
    """

    daemon_threads = True

    def __init__(self, folder: str | os.PathLike[str], port: int = 0) -> None:
        self.study = load_study(folder)
        page = Path(folder) / PAGE
        if not page.is_file():
            raise EmbodyError(f"{folder} has a key but no page: {PAGE} is missing")
        self.page = page.read_bytes()
        self.answers = AnswerFile(Path(folder) / ANSWERS, self.study)
        try:
            super().__init__((HOST, port), _Handler)
        except (OSError, OverflowError) as error:
            self.answers.close()
            raise EmbodyError(f"port {port} of {HOST} cannot be used: {error}") from None

    @property
    def url(self) -> str:
        """Address of the page."""
        return f"http://{HOST}:{self.server_port}/"

    def server_close(self) -> None:
        """Stop listening and close the file of answers."""
        super().server_close()
        self.answers.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over a client that hung up or fell silent."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: JudgeServer
    timeout = _IDLE_S
    protocol_version = "HTTP/1.1"
    server_version = "embody"
    sys_version = ""

    def do_GET(self) -> None:
        """Give the page, or the trials that a judge has answered."""
        if not self._from_here():
            return self._refuse(HTTPStatus.FORBIDDEN, "this page is for this machine only")
        address = urllib.parse.urlsplit(self.path)
        if address.path == "/":
            return self._reply(HTTPStatus.OK, self.server.page, "text/html; charset=utf-8")
        if address.path == "/progress":
            judge = urllib.parse.parse_qs(address.query).get("judge", [""])[0]
            if not _JUDGE.fullmatch(judge):
                return self._refuse(HTTPStatus.BAD_REQUEST, "a judge is 32 hexadecimal digits")
            answered = self.server.answers.trials_of(judge)
            return self._say({"study": self.server.study.identity, "answered": answered})
        self._refuse(HTTPStatus.NOT_FOUND, "there is only the page")

    do_HEAD = do_GET

    def do_POST(self) -> None:
        """Take one answer."""
        self.close_connection = True
        if not self._from_here():
            return self._refuse(HTTPStatus.FORBIDDEN, "answers come from the page of this server")
        if self.path != "/answers":
            return self._refuse(HTTPStatus.NOT_FOUND, "answers go to /answers")
        if self.headers.get_content_type() != "application/json":
            return self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "an answer is application/json")
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"[0-9]{1,9}", length):
            return self._refuse(HTTPStatus.LENGTH_REQUIRED, "an answer says its length")
        if int(length) > LARGEST_ANSWER_BYTES:
            return self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "an answer is short")
        try:
            new = self.server.answers.add(parsed(self.rfile.read(int(length))))
        except EmbodyError as error:
            return self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        except OSError as error:
            return self._refuse(HTTPStatus.INSUFFICIENT_STORAGE, str(error))
        self._say({"new": new})

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: judges are not watched."""

    def _from_here(self) -> bool:
        own = {f"{name}:{self.server.server_port}" for name in (HOST, "localhost")}
        origin = self.headers.get("Origin")
        return self.headers.get("Host") in own and (
            origin is None or origin in {f"http://{name}" for name in own}
        )

    def _say(self, content: dict[str, Any]) -> None:
        self._reply(HTTPStatus.OK, json.dumps(content).encode(), "application/json")

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self.close_connection = True
        self._reply(status, json.dumps({"error": why}).encode(), "application/json")

    def _reply(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if self.close_connection:
            headers["Connection"] = "close"
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def serve(folder: str | os.PathLike[str], port: int = 0) -> JudgeServer:
    """Return a server of a study's page, listening on 127.0.0.1; call its `serve_forever`.

    Raises
    ------
    EmbodyError
        If the folder holds no study, or the port is taken.

    Examples
    --------
    >>> with serve("study", port=8000) as server:  # doctest: +SKIP
    ...     server.serve_forever()
    """
    return JudgeServer(folder, port)
