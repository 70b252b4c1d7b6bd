"""`cx report` for real: on loopback only, without a connection to anywhere else, and the static file by command."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.conftest import CX, ROOT

pytestmark = pytest.mark.slow


def _environment(state_root: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("CX_", "STREAMLIT_"))}
    return {**kept, "CX_STATE_ROOT": str(state_root), "PYTHONPATH": str(ROOT)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return str(answer.read().decode("utf-8", errors="replace"))


@pytest.fixture
def server(report_state: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = _free_port()
    with (tmp_path / "log").open("w+", encoding="utf-8") as log:
        arguments = [CX, "report", "--company", "bakery", "--port", str(port)]
        process = subprocess.Popen(arguments, env=_environment(report_state), stdout=log, stderr=log, text=True)
        try:
            for _ in range(240):
                try:
                    _get(f"http://127.0.0.1:{port}/_stcore/health")
                    break
                except OSError:
                    assert process.poll() is None, (tmp_path / "log").read_text(encoding="utf-8")
                    time.sleep(0.25)
            yield process, port
        finally:
            process.terminate()
            process.wait(timeout=20)
    said = (tmp_path / "log").read_text(encoding="utf-8")
    assert f"The report: http://127.0.0.1:{port}/?company=bakery (this machine only)" in said
    assert "Traceback" not in said
    assert "External URL" not in said


def test_the_server_listens_on_loopback_and_calls_nobody(server: tuple[subprocess.Popen[str], int]) -> None:
    process, port = server
    page = _get(f"http://127.0.0.1:{port}/scores?company=bakery")
    # What the browser is told to fetch comes from this server.
    assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", page)
    connections = psutil.Process(process.pid).net_connections(kind="inet")
    assert {item.laddr.ip for item in connections if item.status == psutil.CONN_LISTEN} == {"127.0.0.1"}
    assert {item.raddr.ip for item in connections if item.raddr} <= {"127.0.0.1"}


def test_a_port_in_use_is_said_to_be(report_state: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [CX, "report", "--port", port], env=_environment(report_state), capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert f"Port {port} is in use" in done.stderr


def test_the_static_file_by_command(report_state: Path, tmp_path: Path) -> None:
    target = tmp_path / "mail" / "report.html"
    done = subprocess.run(
        [CX, "report", "--company", "bakery", "--static", str(target)],
        env=_environment(report_state),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"Written: {target}\n", "")
    assert "bakery, as of 30 June 2026" in target.read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [["--static", "out.html"], []])
def test_a_company_without_a_publication_is_told_what_to_do(
    arguments: list[str], report_state: Path, tmp_path: Path
) -> None:
    done = subprocess.run(
        [CX, "report", "--company", "nobody", *arguments],
        env=_environment(report_state),
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode in (1, 2)
    assert "cx run --company nobody" in done.stderr
    assert list(tmp_path.iterdir()) == []
