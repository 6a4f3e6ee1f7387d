"""Hand a message to the mail server. A server that cannot be reached or does not take it is `Unavailable`."""

import smtplib
import ssl
from email.message import EmailMessage

from studyportal.custody.delivery.settings import MailSettings
from studyportal.errors import Unavailable

TIMEOUT = 20.0
# What a server says instead of taking a message. Anything else that goes wrong after the first word leaves it open.
_REFUSED = (smtplib.SMTPSenderRefused, smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)


class NotTaken(Unavailable):
    """It certainly did not go out, so trying again sends nothing twice."""


def send(message: EmailMessage, settings: MailSettings) -> None:
    """Send it, over TLS unless the server is on this machine.

    Raises `NotTaken` when it certainly was not sent, another `Unavailable` when it may have been.
    """
    began = False
    try:
        with smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT) as server:
            if settings.starttls:
                server.starttls(context=ssl.create_default_context())
            if settings.user:
                server.login(settings.user, settings.password)
            began = True
            server.send_message(message)
    except _REFUSED:
        raise NotTaken("The mail server did not take the mail.") from None
    except (OSError, smtplib.SMTPException):  # an SSL error is an OSError
        kind = Unavailable if began else NotTaken
        raise kind("The mail server did not take the mail.") from None
