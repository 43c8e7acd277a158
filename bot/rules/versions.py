"""
Every version of the protocol under which a case may have begun.
"""

from bot.rules import v1
from bot.rules.protocol import Protocol

LATEST = v1.PROTOCOL

PROTOCOLS: dict[str, Protocol] = {protocol.version: protocol for protocol in (v1.PROTOCOL,)}
