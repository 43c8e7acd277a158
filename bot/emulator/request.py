"""
The way from a ``telegram.Bot`` to the Bot API in the process, in the place of a network.
"""

import json

from telegram._utils.types import ODVInput  # the type of the timeouts that BaseRequest prescribes
from telegram.request import BaseRequest, RequestData

from bot.emulator.api import LocalBotApi
from bot.emulator.chat import Json, Upload


class LocalRequest(BaseRequest):
    """
    Hand the calls of a ``telegram.Bot`` to a LocalBotApi, without a network.
    """

    def __init__(self, api: LocalBotApi) -> None:
        self._api = api

    @property
    def read_timeout(self) -> float | None:
        """
        None: there is nothing to wait for but the answer to a long poll.
        """
        return None

    async def initialize(self) -> None:
        """
        Nothing to open.
        """

    async def shutdown(self) -> None:
        """
        Nothing to close.
        """

    async def do_request(  # noqa: PLR0917 - the signature of BaseRequest
        self,
        url: str,
        method: str,  # noqa: ARG002 - the Bot API takes GET as POST
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - nothing can time out
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
    ) -> tuple[int, bytes]:
        """
        Answer a call in the process.
        """
        parameters: Json = {}
        if request_data is not None:
            parameters |= request_data.parameters
            for name, (filename, content, _) in request_data.multipart_data.items():
                parameters[name] = Upload(filename, content if isinstance(content, bytes) else content.read())
        status, answer = await self._api.call(url.rpartition("/")[2], parameters)
        return status, json.dumps(answer).encode()
