"""
The processes that are measured, and what the system says of them.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from tests.bench.server import Counts, Plan

TOKEN = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
_STOP = 10
_TICK = os.sysconf("SC_CLK_TCK")


class Running(NamedTuple):
    """
    A process that has said that it is ready, and how many seconds that took.
    """

    pid: int
    started_in: float

    @property
    def cpu(self) -> float:
        """
        The seconds of processor time that it has taken, in the program and in the system.
        """
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    @property
    def peak_memory(self) -> float:
        """
        The most memory that it has had, in MiB.
        """
        for line in Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        raise LookupError("the system does not tell how much memory a process had")


class Api(NamedTuple):
    """
    The Bot API in its process.
    """

    url: str

    def begin(self) -> None:
        """
        Let people begin to chat.
        """
        self._get("begin")

    def counts(self) -> Counts:
        """
        What happened so far.
        """
        return Counts(**json.loads(self._get("counts")))

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"{self.url}/{path}") as answer:  # noqa: S310  its own address
            content: bytes = answer.read()
        return content


@contextmanager
def served(plan: Plan) -> Iterator[Api]:
    """
    A Bot API and its people.
    """
    with _started([sys.executable, "-m", "tests.bench.server"]) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{json.dumps(asdict(plan))}\n")
        process.stdin.flush()
        yield Api(f"http://127.0.0.1:{int(process.stdout.readline())}")


@contextmanager
def bot(folder: Path, api: Api, *, url: str | None = None, is_pushed: bool = False) -> Iterator[Running]:
    """
    The whole bot, as it runs on a server, with its files in this folder, and its database unless that has an address of
    its own. Updates are pushed to it, or it polls.
    """
    settings = {
        "BOT_TOKEN": TOKEN,
        "BOT_API_URL": api.url,
        "DATABASE_URL": url or f"sqlite:///{folder / 'screening.db'}",
        "AUDIT_KEY_FILE": str(folder / "audit.key"),
        "LOG_LEVEL": "WARNING",
    }
    if is_pushed:
        port = str(_free_port())
        settings |= {"BOT_MODE": "webhook", "WEBHOOK_URL": f"http://127.0.0.1:{port}", "WEBHOOK_PORT": port}
        settings["WEBHOOK_SECRET"] = secrets.token_urlsafe()
    with _ready([sys.executable, "-m", "bot", "run"], settings) as running:
        yield running


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


@contextmanager
def echo(api: Api) -> Iterator[Running]:
    """
    The bare bot that ours is compared with.
    """
    with _ready([sys.executable, "-m", "tests.bench.echo", api.url, TOKEN], {}) as running:
        yield running


@contextmanager
def _ready(command: list[str], settings: dict[str, str]) -> Iterator[Running]:
    begun = time.perf_counter()
    with _started(command, settings) as process:
        assert process.stdout is not None
        if "is ready" not in process.stdout.readline():
            raise RuntimeError(f"{' '.join(command[:4])} did not start")
        yield Running(process.pid, time.perf_counter() - begun)


@contextmanager
def _started(command: list[str], settings: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
        subprocess.Popen(  # noqa: S603  commands of its own
            command,
            env={**os.environ, **(settings or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            yield process
        except BaseException:
            errors.seek(0)
            sys.stderr.write(errors.read())
            raise
        finally:
            process.terminate()
            try:
                process.wait(_STOP)
            except subprocess.TimeoutExpired:
                sys.stderr.write(f"{' '.join(command[1:4])} did not stop within {_STOP} seconds and was killed\n")
                process.kill()
