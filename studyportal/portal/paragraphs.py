"""A paragraph on every setting, written above it in the settings file that `studyportal init` makes."""

from collections.abc import Mapping

PARAGRAPHS: Mapping[str, str] = {
    "port": "The port on 127.0.0.1 where this room listens. A proxy of yours stands in front of it on any other network.",
    "origin": (
        "The address that people type, without a path. Plain http is accepted on this machine only. Say localhost,"
        " not 127.0.0.1: browsers refuse passkeys on numbers."
    ),
    "secret_key": "Signs form tokens and keys the count of sign-in tries. 32 random bytes as base64; changing it signs everybody out.",
    "protocol": "The study document. Every room reads the same one.",
    "synthetic": "True wears the band “Synthetic data” on every page. Only the demo says true.",
    "workers": "Processes. One per core is a good number for intake; the other rooms seldom need more than one.",
    "threads": "Requests that one process works on at a time. Entries are taken fastest with 1; pages that wait for a database gain from more.",
    "log": "One JSON line for each request, without data. “-” is standard output; another path is a file.",
    "proxies": "How many proxies of yours to believe about a caller's network address. 0 believes none.",
    "databases": (
        "The databases of this room, exactly these. SQLite: sqlite:///file, in this folder. PostgreSQL:"
        " postgresql://role@host/database?sslmode=verify-full"
    ),
    "receipt_key": "Signs the receipts that participants keep (Ed25519 seed as base64). Keep its public half published.",
    "custody_public_key": "Custody's public signing key (base64). Papers that claim to come from custody are checked against it; publish it.",
    "desk": (
        "The Unix socket of the reading desk: custody listens (`studyportal desk`), the clinic asks. At most 100"
        " characters long. Custody's user and one group that the clinic is in may reach it, nobody else."
    ),
    "diary": (
        "The address of intake, as participants type it. It stands on the cards with enrolment codes and in open links;"
        " left empty, codes are printed without it."
    ),
    "clinic": (
        "The address of the clinic room, as staff type it. It stands in the invitations that an administrator makes; left"
        " empty, an invitation is shown without it."
    ),
    "research": "The address of the research room, for invitations of researchers; it may be left empty too.",
    "key_file": "Custody's keys. Readable by custody alone, and backed up apart from every database.",
    "mail": (
        "The mail server through which custody says that an urgent alert waits; without this part nobody is mailed."
        " clinic is the address at which alerts are answered, monitoring who is mailed when a site stays silent."
        " starttls is true unless the server is on this machine; user and password if it wants them."
    ),
    "scheduler": (
        "A dask.distributed scheduler whose workers fold and build snapshots; without this part the cores of this machine"
        " do. Its workers get keys to answers: docs/operating.md says which, and how to run them. Needs the group `scale`."
    ),
    "push": (
        "The key with which custody reminds participants in their browsers (web push); without this part no browser is"
        " offered. contact is a mail address of yours at which push services reach you, services the only hosts that are"
        " called. Replacing private_key ends every browser's reminders."
    ),
    "shelf": "The folder of published snapshots. Custody writes, research reads.",
    "releases": "The folder where finished releases lie until they are fetched. Research alone reads it.",
    "snapshot_key": "Opens the published snapshots, nothing else (32 bytes as base64).",
    "noise_secret": "Makes the perturbation of small counts repeat itself (32 bytes as base64). Never published, never changed.",
    "export_key": "Signs releases (Ed25519 seed as base64).",
    "export_certificate": "Custody's signature over the public half of export_key (base64).",
}
