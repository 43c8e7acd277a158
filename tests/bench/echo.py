"""
What the bot is compared with: a bare bot of python-telegram-bot that answers each press and edits its message.

`python -m tests.bench.echo URL TOKEN`
"""

import sys

from telegram import Update
from telegram.ext import Application, CallbackQueryHandler, ContextTypes
from telegram.request import HTTPXRequest


async def _on_press(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    assert query is not None
    await query.answer()
    await query.edit_message_text(query.data or "")


async def _say_ready(_: object) -> None:
    sys.stdout.write("The echo is ready.\n")
    sys.stdout.flush()


def main() -> None:
    """
    Run until a signal ends it.
    """
    url, token = sys.argv[1:]
    application = (
        Application.builder()
        .token(token)
        .base_url(f"{url}/bot")
        .request(HTTPXRequest(connection_pool_size=256))
        .get_updates_request(HTTPXRequest(connection_pool_size=1))
        .post_init(_say_ready)
        .build()
    )
    application.add_handler(CallbackQueryHandler(_on_press))
    application.run_polling()


if __name__ == "__main__":
    main()
