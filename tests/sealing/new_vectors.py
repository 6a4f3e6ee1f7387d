"""Write the test vectors that do not exist yet; refuses to touch one that does.

Sealing is random, so a vector made again would be another one, and would prove nothing about the data that is kept.
"""

import json
import tempfile
from pathlib import Path

from studyportal.sealing import ON_DEMAND_SIZE, Context, new_pair, seal, seal_to_reader
from studyportal.sealing.file_keys import wrap_file_key
from studyportal.sealing.files import new_file_key, seal_file
from studyportal.sealing.opening import new_kek, seal_block, wrap_seed
from studyportal.sealing.passphrase import derive
from studyportal.sealing.room_secrets import seal_for_room
from studyportal.sealing.sessions import new_token, seal_under_token, token_hash
from studyportal.sealing.signatures import commitment, public_of, sign

VECTORS = Path(__file__).parent / "vectors"
ABOUT = Context("MCP-1", "enrolment-\u00e9-17", "entry", "0195f2a0-0000-7000-8000-000000000001", 3)
PLAINTEXT = '{"pain_average":7,"sleep":"schlecht \u2013 3 h"}'.encode()
PASSPHRASE = "Oxidant  alias-bulk flashcard, sanctuary UNSECURED"
ROOM_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
SALT, BLIND, KEY = bytes(range(16)), bytes(range(32)), bytes(range(32, 64))


def context_1():
    return {"canonical": ABOUT.canonical}


def entry_1():
    pair = new_pair()
    sealed = seal(PLAINTEXT, to=pair.public, about=ABOUT)
    return {"seed": pair.seed, "public": pair.public.raw, "key_id": pair.public.id, "sealed": sealed}


def on_demand_1():
    pair = new_pair()
    return {"seed": pair.seed, "sealed": seal(PLAINTEXT, to=pair.public, about=ABOUT, size=ON_DEMAND_SIZE)}


def block_1():
    seed = new_pair().seed
    return {"seed": seed, "sealed": seal_block(PLAINTEXT * 20, seed=seed, about=ABOUT), "plaintext": PLAINTEXT * 20}


def reader_1():
    root = derive(PASSPHRASE, salt=SALT)
    sealed = seal_to_reader(PLAINTEXT, to=root.reading_public, about=ABOUT)
    return {"reading_key": root.reading_key, "sealed": sealed}


def wrapped_1():
    kek, seed = new_kek(), new_pair().seed
    sealed = wrap_seed(seed, kek=kek, about=ABOUT)
    return {"kek": kek.raw, "key_id": kek.id, "sealed": sealed, "plaintext": seed}


def token_1():
    token = new_token()
    return {"token": token, "token_hash": token_hash(token), "sealed": seal_under_token(PLAINTEXT, token, ABOUT)}


def file_1():
    key = new_file_key()
    with tempfile.TemporaryDirectory() as folder:
        plain, sealed = Path(folder) / "plain", Path(folder) / "sealed"
        plain.write_bytes(PLAINTEXT)
        seal_file(plain, sealed, key=key, about=ABOUT)
        return {"key": key, "sealed": sealed.read_bytes()}


def file_key_1():
    return {"by": KEY, "sealed": wrap_file_key(BLIND, by=KEY, about=ABOUT), "plaintext": BLIND}


def room_1():
    return {"room_key": ROOM_KEY, "sealed": seal_for_room(PLAINTEXT, room_key=ROOM_KEY, about=ABOUT)}


def signature_1():
    return {"key": KEY, "public": public_of(KEY), "label": "receipt", "signature": sign("receipt", PLAINTEXT, key=KEY)}


def commitment_1():
    return {"blind": BLIND, "commitment": commitment(BLIND, PLAINTEXT)}


def passphrase_1():
    root = derive(PASSPHRASE, salt=SALT)
    parts = {name: getattr(root, name) for name in ("verifier", "verifier_hash", "reading_key", "consent_key")}
    public = {"reading_public": root.reading_public.raw, "consent_public": root.consent_public}
    return {"passphrase": PASSPHRASE, "salt": SALT, **parts, **public}


MAKERS = (
    context_1,
    entry_1,
    on_demand_1,
    block_1,
    reader_1,
    wrapped_1,
    token_1,
    file_1,
    file_key_1,
    room_1,
    signature_1,
    commitment_1,
    passphrase_1,
)


def main() -> None:
    for maker in MAKERS:
        path = VECTORS / f"{maker.__name__.replace('_', '-')}.json"
        if path.exists():
            continue
        fields = {
            "about": {name: getattr(ABOUT, name) for name in ("study", "enrolment", "kind", "id", "revision")},
            "plaintext": PLAINTEXT,
            **maker(),
        }
        written = {name: value.hex() if isinstance(value, bytes) else value for name, value in fields.items()}
        path.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(path.name)


if __name__ == "__main__":
    main()
