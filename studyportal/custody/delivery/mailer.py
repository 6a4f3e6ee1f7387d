"""Hand a message to the mail server. A server that cannot be reached or does not take it is `Unavailable`."""

import smtplib
import ssl
from email.message import EmailMessage

from studyportal.custody.delivery.settings import MailSettings
from studyportal.errors import Unavailable

TIMEOUT = 20.0


def send(message: EmailMessage, settings: MailSettings) -> None:
    """Send it, over TLS unless the server is on this machine. Raises `Unavailable`; it may then have been sent or not."""
    try:
        with smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT) as server:
            if settings.starttls:
                server.starttls(context=ssl.create_default_context())
            if settings.user:
                server.login(settings.user, settings.password)
            server.send_message(message)
    except (OSError, smtplib.SMTPException):  # an SSL error is an OSError
        raise Unavailable("The mail server did not take the mail.") from None
