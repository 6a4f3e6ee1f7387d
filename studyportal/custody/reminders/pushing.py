"""Hand a sealed push to a browser's push service: https to a public address, one request, no redirect followed.

The address came from a browser, so it is asked again here whether it is one of the services in the settings; and what
its name leads to must be a public address, so that nobody makes custody's worker call inside its own network.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from studyportal.custody.delivery.mailer import NotTaken
from studyportal.custody.reminders.settings import PushSettings
from studyportal.errors import Gone, Unavailable
from studyportal.registry.reminder_seals import Whereto
from studyportal.sealing.push import push_authorization, read_subscriber, seal_push
from studyportal.web.push_addresses import read_push_address

TIMEOUT = 10.0
_PORT = 443
_LONGEST = timedelta(days=28)  # what push services keep at most

Dial = Callable[[str], socket.socket]


def dial(host: str) -> socket.socket:
    """A TLS connection to a public address of this host. Raises `OSError`, also when it has none."""
    found = dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(host, _PORT, type=socket.SOCK_STREAM))
    failed = OSError("no public address")
    for address in (one for one in found if ipaddress.ip_address(one).is_global):
        try:
            # To the very address that was looked at: a second look-up could give another.
            plain = socket.create_connection((address, _PORT), timeout=TIMEOUT)
        except OSError as failure:
            failed = failure
            continue
        try:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise
    raise failed


@dataclass(frozen=True, slots=True)
class Pusher:
    """Who pushes: custody's settings, and how a service is reached."""

    settings: PushSettings
    dial: Dial = dial

    def push(self, words: str, whereto: Whereto, *, until: datetime, now: datetime) -> None:
        """Push it; a browser that is not reached `until` then is not told.

        Raises `Gone` when there is no such browser any more, `NotTaken` when it certainly did not go out,
        `Unavailable` when it may have or is refused, `Invalid` for an address of no known service.
        """
        address = urlsplit(read_push_address(whereto.address, services=self.settings.services))
        body = seal_push(words.encode(), to=read_subscriber(whereto.public, whereto.auth))
        audience = f"https://{address.hostname}"
        headers = {
            "Authorization": push_authorization(
                self.settings.raw_key, audience=audience, contact=self.settings.contact, now=now
            ),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            # Whoever was away for days is told once.
            "Topic": "diary",
            "TTL": str(int(min(until - now, _LONGEST).total_seconds())),
            "Urgency": "normal",
        }
        path = f"{address.path}?{address.query}" if address.query else address.path
        _judge(self._post(address.hostname or "", path, body, headers))

    def _post(self, host: str, path: str, body: bytes, headers: dict[str, str]) -> int:
        try:
            reached = self.dial(host)
        except OSError:  # an SSL error is one
            raise NotTaken("The push service could not be reached.") from None
        connection = http.client.HTTPConnection(host, timeout=TIMEOUT)
        connection.sock = reached
        try:
            connection.request("POST", path, body, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            raise Unavailable("The push service did not answer.") from None
        finally:
            connection.close()


def _judge(status: int) -> None:
    """What an answer means (RFC 8030, 5 and 7.3)."""
    if 200 <= status < 300:
        return
    if status in (404, 410):
        raise Gone("There is no such browser any more.")
    if status == 429 or status >= 500:
        raise NotTaken("The push service takes nothing now.")
    raise Unavailable("The push service refused the message.")
