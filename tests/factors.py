"""The second factors of the staff in tests: an authenticator app and a sheet of recovery codes, held in the hand.

An app shows a code for thirty seconds and a room takes it once, so that somebody who signs in again and again takes
the code of the moment and the one after, and then the sheet.
"""

from datetime import datetime
from uuid import UUID

from studyportal import clock
from studyportal.database import writing
from studyportal.web.sign_in import factors, recovery, sessions, totp
from studyportal.web.sign_in.accounts import account_named


class Factors:
    """What one person carries; `next_code` is one that was never used."""

    def __init__(self) -> None:
        self.secret = totp.new_secret()
        self.codes = list(recovery.new_codes(60))
        self._unused = 0
        self._sheet = list(self.codes)

    def next_code(self, now: datetime | None = None) -> str:
        step = totp.step_at(now or clock.now())
        # Not the code before, which a room takes too: on a busy machine it has gone when it arrives.
        if max(step, self._unused) > step + 1:
            return self._sheet.pop()
        self._unused = max(step, self._unused) + 1
        return totp.code_of(self.secret, self._unused - 1)


def give_factors(bind: str, account: UUID, *, room_key: str, now: datetime) -> Factors:
    """Give an account an app and a sheet of codes; in a context with its database."""
    made = Factors()
    with writing(bind) as connection:
        factors.add_app(connection, bind, account, secret=made.secret, room_key=room_key, now=now)
        recovery.replace_codes(connection, bind, account, made.codes, room_key=room_key, now=now)
    return made


def let_in(client, bind: str, name: str, *, now: datetime | None = None):
    """Sign somebody in without the pages, for tests of what comes after; `client` is of a room's application."""
    app, now = client.application, now or clock.now()
    with app.app_context(), writing(bind) as connection:
        account = account_named(connection, bind, name)
        token = sessions.start_session(connection, bind, account.id, how="totp", now=now)
    client.set_cookie(f"__Host-{app.extensions['studyportal'].name}", token)
    return client
