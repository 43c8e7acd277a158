"""
`python -m bot COMMAND`, run in a process of its own to its end. What it imports was imported once, in a process that is
forked for each: to import all that anew is most of what a command costs.

Run as a program, this is that process. It listens on the socket that it is told, and ends with whoever started it.
"""

import asyncio
import atexit
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
_STREAMS = ("stdin", "stdout", "stderr")
_PATIENCE = 60


class Ended(NamedTuple):
    """
    How a command ended, and what it printed.
    """

    status: int
    output: bytes
    errors: bytes


class Told(NamedTuple):
    """
    The same in words.
    """

    status: int
    output: str
    errors: str


def run(folder: Path, *arguments: str, environment: Mapping[str, str], given: bytes = b"", umask: int = 0o022) -> Ended:
    """
    Run a command in a folder, with nothing in its environment but this.
    """
    with tempfile.TemporaryDirectory() as streams, socket.socket(socket.AF_UNIX) as link:
        (Path(streams) / "stdin").write_bytes(given)
        link.settimeout(_PATIENCE)
        link.connect(_listening())
        asked = {"folder": str(folder), "arguments": arguments, "environment": {**environment}, "umask": umask}
        link.sendall(json.dumps({**asked, "streams": streams}).encode() + b"\n")
        status = int(link.makefile().readline())
        return Ended(status, *((Path(streams) / name).read_bytes() for name in _STREAMS[1:]))


async def told(folder: Path, *arguments: str, environment: Mapping[str, str], given: str = "") -> Told:
    """
    The same beside whatever else goes on.
    """
    ended = await asyncio.to_thread(run, folder, *arguments, environment=environment, given=given.encode())
    return Told(ended.status, ended.output.decode(), ended.errors.decode())


@cache
def _listening() -> str:
    """
    Start the process that is forked; where it listens.
    """
    folder = tempfile.TemporaryDirectory()
    address = f"{folder.name}/socket"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(  # noqa: S603  the interpreter that runs the tests
        [sys.executable, "-m", "tests.commands.started", address], stdin=subprocess.PIPE, env=environment, cwd=ROOT
    )
    end = time.monotonic() + _PATIENCE
    while not Path(address).exists():
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.01)

    def stop() -> None:
        process.kill()
        process.wait()
        folder.cleanup()

    atexit.register(stop)
    return address


def _serve(address: str) -> None:
    """
    Fork for each that connects.
    """
    for module in sorted((ROOT / "bot" / "commands").glob("[!_]*.py")):
        __import__(f"bot.commands.{module.stem}")
    __import__("bot.__main__")
    del sys.modules["bot.__main__"]  # to be run by that name, as `python -m bot` does
    parent = os.getppid()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{address}.new")
        listening.listen()
        listening.settimeout(1)
        Path(f"{address}.new").rename(address)
        while os.getppid() == parent:
            try:
                link, _ = listening.accept()
            except TimeoutError:
                continue
            link.settimeout(None)
            if os.fork() == 0:
                listening.close()
                _answer(link)
                os._exit(0)
            link.close()


def _answer(link: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    asked = json.loads(link.makefile().readline())
    child = os.fork()
    if child == 0:
        link.close()
        _become(**asked)
    _, status = os.waitpid(child, 0)
    link.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _become(folder: str, arguments: list[str], environment: dict[str, str], umask: int, streams: str) -> None:
    """
    Be what `python -m bot` is once its imports are done; never returns.
    """
    os.chdir(folder)
    os.umask(umask)
    os.environ.clear()
    os.environ.update(environment)
    for number, name in enumerate(_STREAMS):
        os.dup2(os.open(f"{streams}/{name}", os.O_CREAT | os.O_RDWR), number)
    sys.stdin, sys.stdout, sys.stderr = (open(number, "w" if number else "r", closefd=False) for number in range(3))  # noqa: SIM115
    sys.argv = ["bot", *arguments]
    try:
        runpy.run_module("bot", run_name="__main__", alter_sys=True)
        status: object = 0
    except SystemExit as ended:
        status = ended.code
    except BaseException:  # noqa: BLE001  as the interpreter does
        sys.excepthook(*sys.exc_info())
        status = 1
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status if isinstance(status, int) else int(status is not None))


if __name__ == "__main__":
    _serve(sys.argv[1])
