"""The server on loopback: what it gives, what it refuses, what survives it."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from embody.comparison.judges import JudgeServer, SimulatedJudges, serve
from embody.comparison.judges.answers import AnswerFile, checked_answer, read_answers
from embody.comparison.judges.study import ANSWERS, KEY, PAGE, load_study
from embody.errors import EmbodyError


@pytest.fixture
def server(study_folder: Path) -> Iterator[JudgeServer]:
    with serve(study_folder) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


def answers_of(folder: Path, judges: int = 1, seed: int = 100) -> list[dict]:
    answers = SimulatedJudges(1.0).answer(load_study(folder), judges, seed)
    return [json.loads(json.dumps(asdict(answer))) for answer in answers]


def ask(
    server: JudgeServer,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request(method, path, body, headers or {})
    reply = connection.getresponse()
    content = reply.status, reply.read()
    connection.close()
    return content


def post(server: JudgeServer, content: Any, **headers: str) -> tuple[int, bytes]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return ask(server, "POST", "/answers", body, {"Content-Type": "application/json", **headers})


def lines(folder: Path) -> list[dict]:
    path = folder / ANSWERS
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_listens_on_this_machine_alone(server: JudgeServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert server.url == f"http://127.0.0.1:{server.server_port}/"


def test_gives_the_page_and_nothing_else(server: JudgeServer, study_folder: Path) -> None:
    assert ask(server, "GET", "/") == (200, (study_folder / PAGE).read_bytes())
    assert ask(server, "HEAD", "/") == (200, b"")
    for path in (
        "/private/key.json",
        "/../private/key.json",
        "/%2e%2e/private/key.json",
        "/page/index.html",
        "//etc/passwd",
        "/answers",
    ):
        status, body = ask(server, "GET", path)
        assert status == 404
        assert b"hmac" not in body


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(server: JudgeServer, method: str) -> None:
    assert ask(server, method, "/answers")[0] == 501


def test_an_answer_is_kept_once_with_its_time(server: JudgeServer, study_folder: Path) -> None:
    answer = answers_of(study_folder)[0]
    assert json.loads(post(server, answer)[1]) == {"new": True}
    changed = {**answer, "choice": "left" if answer["choice"] == "right" else "right"}
    assert json.loads(post(server, changed)[1]) == {"new": False}
    (kept,) = lines(study_folder)
    assert kept["received_at"].endswith("Z")
    assert {**kept, "received_at": ""} == answer


def test_reply_does_not_tell_what_is_right(server: JudgeServer, study_folder: Path) -> None:
    replies = {post(server, answer)[1] for answer in answers_of(study_folder)}
    assert replies == {b'{"new": true}'}


def test_progress_survives_a_restart(study_folder: Path) -> None:
    answers = answers_of(study_folder)
    for part in (answers[:8], answers[8:]):
        with serve(study_folder) as server:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            for answer in part:
                assert post(server, answer)[0] == 200
            _, body = ask(server, "GET", f"/progress?judge={answers[0]['judge']}")
            server.shutdown()
    assert sorted(json.loads(body)["answered"]) == sorted(answer["trial"] for answer in answers)
    assert len(lines(study_folder)) == 20


def test_line_cut_short_by_a_crash_is_mended(study_folder: Path) -> None:
    answers = answers_of(study_folder)
    study = load_study(study_folder)
    path = study_folder / ANSWERS
    path.write_bytes(json.dumps(answers[0]).encode() + b"\n" + json.dumps(answers[1]).encode()[:50])
    assert len(read_answers([path], study)) == 1
    file = AnswerFile(path, study)
    assert file.add(answers[1])
    file.close()
    assert [answer["trial"] for answer in lines(study_folder)] == [
        answers[0]["trial"],
        answers[1]["trial"],
    ]


def test_many_judges_at_once_write_whole_lines(server: JudgeServer, study_folder: Path) -> None:
    answers = answers_of(study_folder, judges=6)

    def judge(number: int) -> None:
        for answer in answers[20 * number : 20 * number + 20]:
            post(server, answer)

    threads = [threading.Thread(target=judge, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines(study_folder)) == 120
    assert len(read_answers([study_folder / ANSWERS], load_study(study_folder))) == 120


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"study": "0" * 64}, "study"),
        ({"judge": "x"}, "judge"),
        ({"judge": "A" * 32}, "judge"),
        ({"judge": ["a"]}, "judge"),
        ({"trial": "no such"}, "trial"),
        ({"trial": {"a": 1}}, "trial"),
        ({"left": "0" * 24}, "left and right"),
        ({"left": None}, "left and right"),
        ({"position": 20}, "position"),
        ({"position": -1}, "position"),
        ({"position": True}, "position"),
        ({"choice": "both"}, "choice"),
        ({"choice": []}, "choice"),
        ({"confidence": 5}, "confidence"),
        ({"confidence": "4"}, "confidence"),
        ({"response_ms": -5}, "response_ms"),
        ({"response_ms": 10**30}, "response_ms"),
        ({"plays": -1.0}, "plays"),
        ({"viewport": [1]}, "viewport"),
        ({"viewport": "ab"}, "viewport"),
        ({"answered_at_ms": 1.5}, "answered_at_ms"),
        ({"received_at": "now"}, "received_at"),
        ({"note": "hello"}, "unknown"),
        ({"__proto__": {}}, "unknown"),
    ],
)
def test_hostile_parts(server: JudgeServer, study_folder: Path, change: dict, told: str) -> None:
    status, body = post(server, {**answers_of(study_folder)[0], **change})
    assert status == 400
    assert told in json.loads(body)["error"]
    assert lines(study_folder) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff\xfe",
        b'{"plays": NaN}',
        b"[" * 4000,
        b'{"study": 1}',
        b"1" * 4000,
    ],
)
def test_hostile_bodies(server: JudgeServer, study_folder: Path, body: bytes) -> None:
    assert post(server, body)[0] == 400
    assert lines(study_folder) == []


def test_not_a_number_among_the_parts(server: JudgeServer, study_folder: Path) -> None:
    answer = {**answers_of(study_folder)[0], "plays": float("nan")}
    assert post(server, answer)[0] == 400


def test_long_or_unmeasured_bodies(server: JudgeServer, study_folder: Path) -> None:
    assert post(server, b" " * 5000)[0] == 413
    assert post(server, b"{}", **{"Content-Length": "9" * 30})[0] == 411
    assert post(server, b"{}", **{"Content-Length": "-1"})[0] == 411
    assert ask(server, "POST", "/other", b"{}")[0] == 404
    assert lines(study_folder) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "elsewhere.example"}, 403),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
def test_other_web_pages_cannot_answer(
    server: JudgeServer, study_folder: Path, headers: dict[str, str], status: int
) -> None:
    assert post(server, answers_of(study_folder)[0], **headers)[0] == status
    assert lines(study_folder) == []


def test_own_page_can_answer(server: JudgeServer, study_folder: Path) -> None:
    own = server.url.rstrip("/")
    assert post(server, answers_of(study_folder)[0], Origin=own)[0] == 200


def test_nonsense_does_not_end_the_server(server: JudgeServer) -> None:
    for nonsense in (b"\x00\x01\r\n\r\n", b"GET\r\n\r\n", b"POST /answers HTTP/1.1\r\n"):
        with socket.create_connection(("127.0.0.1", server.server_port), timeout=5) as client:
            client.sendall(nonsense)
    assert ask(server, "GET", "/")[0] == 200


def test_progress_of_nobody(server: JudgeServer) -> None:
    assert ask(server, "GET", "/progress")[0] == 400
    status, body = ask(server, "GET", f"/progress?judge={'0' * 32}")
    assert (status, json.loads(body)["answered"]) == (200, [])


def test_most_judges(study_folder: Path) -> None:
    answers = answers_of(study_folder, judges=3)
    file = AnswerFile(study_folder / ANSWERS, load_study(study_folder), most_judges=2)
    assert file.add(answers[0]) and file.add(answers[20])
    with pytest.raises(EmbodyError, match="at most 2 judges"):
        file.add(answers[40])
    assert file.add(answers[1])
    file.close()


def test_full_disk_keeps_what_was_there(
    study_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = answers_of(study_folder)
    file = AnswerFile(study_folder / ANSWERS, load_study(study_folder))
    file.add(answers[0])
    with monkeypatch.context() as patch:
        import os

        write = os.write
        patch.setattr(os, "write", lambda handle, line: write(handle, line[:30]))
        with pytest.raises(OSError, match="disk is full"):
            file.add(answers[1])
    assert file.add(answers[1])
    file.close()
    assert len(lines(study_folder)) == 2


def test_answers_of_something_else(study_folder: Path, tmp_path: Path) -> None:
    study = load_study(study_folder)
    strange = tmp_path / "strange.ndjson"
    strange.write_text('{"a": 1}\n')
    with pytest.raises(EmbodyError, match=r"strange\.ndjson, line 1"):
        read_answers([strange], study)
    with pytest.raises(EmbodyError, match="no such file"):
        read_answers([tmp_path / "none"], study)
    (study_folder / ANSWERS).write_bytes(b"x" * 10_000)
    with pytest.raises(EmbodyError, match="no answer"):
        serve(study_folder)


def test_not_an_object(study_folder: Path) -> None:
    with pytest.raises(EmbodyError, match="one JSON object"):
        checked_answer([1], load_study(study_folder))


def test_port_that_is_taken(server: JudgeServer, study_folder: Path) -> None:
    with pytest.raises(EmbodyError, match="cannot be used"):
        serve(study_folder, server.server_port)
    with pytest.raises(EmbodyError, match="cannot be used"):
        serve(study_folder, 99_999)


def test_study_without_its_page(study_folder: Path) -> None:
    (study_folder / PAGE).unlink()
    with pytest.raises(EmbodyError, match="no page"):
        serve(study_folder)
    (study_folder / KEY).unlink()
    with pytest.raises(EmbodyError, match="no study"):
        serve(study_folder)
