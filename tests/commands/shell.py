"""
The command line as somebody types it.
"""

import asyncio
import re

import pytest

from bot.__main__ import main


class Shell:
    """
    Commands as they are typed, each in a thread of its own as its own program would be.
    """

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    async def __call__(self, line: str) -> tuple[int, str, str]:
        """
        The exit status, the output and the errors of `python -m bot ...`.
        """
        self._capsys.readouterr()
        status = await asyncio.to_thread(main, re.findall(r"[^\s']+|(?<=')[^']*(?=')", line))
        out, err = self._capsys.readouterr()
        return status, out, err

    async def done(self, line: str) -> str:
        """
        The output of a command that succeeds.
        """
        status, out, err = await self(line)
        assert (status, err) == (0, ""), err
        return out

    async def refused(self, line: str) -> str:
        """
        The one line in which a command is refused.
        """
        status, out, err = await self(line)
        assert (status, out) == (1, "")
        assert err.count("\n") == 1
        return err
