"""A real PostgreSQL for the tests, started by them and gone with them.

It listens on a Unix socket in a temporary folder only. PostgreSQL refuses to run as root, so root lends it the account
`postgres` or `nobody`. Without the binaries the tests that need it fail and say what to install: a skip would hide it.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

# Nothing that a test keeps outlives the run, so nothing needs to reach the disk.
FORGETFUL = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
OPTIONS = {
    "shared_buffers": "64MB",
    "max_connections": "60",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "listen_addresses": "",
}


def binaries() -> Path:
    """The folder with `initdb` and `postgres`; Debian keeps them off the PATH."""
    folders = [Path(found).parent for found in [shutil.which("initdb")] if found]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    pytest.fail("These tests need PostgreSQL: apt-get install -y postgresql", pytrace=False)


def _fast_folder() -> str | None:
    """Memory, where there is enough: copying a template takes 20 ms there and 300 ms on a disk."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30
    return str(memory) if roomy else None


def _account() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


class Server:
    """One running server. `database(template=...)` gives the address of a fresh database.

    A `durable` one is for measuring: on the disk, with every commit reaching it, as in production.
    """

    owner = "owner"

    def __init__(self, *, durable: bool = False) -> None:
        place = None if durable else _fast_folder()
        self.folder = Path(tempfile.mkdtemp(prefix="studyportal-postgresql-", dir=place))
        account = _account()
        self._as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        if account:
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        data, where = self.folder / "data", binaries()
        initdb = [
            where / "initdb",
            "-D",
            data,
            "-U",
            self.owner,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]
        subprocess.run(initdb, check=True, cwd=self.folder, stdout=subprocess.DEVNULL, **self._as)
        chosen = OPTIONS if durable else OPTIONS | FORGETFUL
        options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [where / "postgres", "-D", data, "-k", self.folder, *options], cwd=self.folder, stderr=log, **self._as
            )
        self._wait()

    def _wait(self) -> None:
        for _ in range(200):
            try:
                return psycopg.connect(self._conninfo("postgres")).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
        self.stop()
        pytest.fail("PostgreSQL did not start within ten seconds.", pytrace=False)

    def _conninfo(self, database: str) -> str:
        return f"host={self.folder} user={self.owner} dbname={database}"

    def url(self, database: str, *, user: str | None = None) -> str:
        """The address of a database as the settings would say it."""
        return f"postgresql://{user or self.owner}@/{database}?host={self.folder}"

    def run(self, statement: str, *, database: str = "postgres") -> None:
        """Execute one statement as the owner, outside a transaction."""
        with psycopg.connect(self._conninfo(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def database(self, *, template: str = "template1") -> str:
        """Make a database, empty or a copy of `template`, and answer its name."""
        name = f"d{secrets.token_hex(6)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """Stop at once and leave nothing behind."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(timeout=20)
        shutil.rmtree(self.folder, ignore_errors=True)
