"""`studyportal serve`, `room`, `desk` and `work`: the processes."""

import signal
import socket
import sys
import threading
import time
from pathlib import Path

import click

from studyportal.errors import Unavailable
from studyportal.portal.commands.options import instance_option
from studyportal.portal.composing import load
from studyportal.portal.hardening import harden
from studyportal.portal.inside import inside
from studyportal.portal.rooms import ROOMS
from studyportal.portal.serving import serve_desk, serve_room
from studyportal.portal.settings import read_settings
from studyportal.portal.supervising import supervise

START_WITHIN = 30.0


@click.command()
@click.argument("name", type=click.Choice(list(ROOMS)))
@instance_option
def room(name: str, instance: Path) -> None:
    """Run one room until it is told to stop."""
    serve_room(name, instance)


@click.command()
@instance_option
def desk(instance: Path) -> None:
    """Run the reading desk, as custody, until it is told to stop."""
    serve_desk(instance)


# Rooms that work in the background -> their loop, by name: a machine for one room may lack the other.
LOOPS = {
    "custody": "studyportal.portal.working:work_until",
    "research": "studyportal.portal.reporting:report_until",
}


@click.command()
@click.option("--room", "name", type=click.Choice(list(LOOPS)), default="custody", show_default=True)
@instance_option
def work(name: str, instance: Path) -> None:
    """Do what custody is asked for, and fold fresh entries; or make research's reports; until told to stop."""
    harden()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with inside(name, instance) as settings:
        load(LOOPS[name])(settings, stopped=stop.wait, say=_say)


@click.command()
@instance_option
def serve(instance: Path) -> None:
    """Run the four rooms, the reading desk and the two workers, each a process of its own, until Ctrl-C."""
    serve_all(instance)


def serve_all(instance: Path) -> None:
    """Check every room's settings and port, start everything, say the addresses, and keep it running."""
    addresses = {name: read_settings(name, instance) for name in ROOMS}
    for name, settings in addresses.items():
        if _answers(settings.port):
            raise Unavailable(f"Port {settings.port} for {name} is taken by another program.")
    us = [sys.executable, "-m", "studyportal.portal.command_line"]
    where = ["--instance", str(instance.absolute())]
    commands = {name: [*us, "room", name, *where] for name in ROOMS}
    commands |= {"desk": [*us, "desk", *where], "worker": [*us, "work", *where]}
    commands["reports"] = [*us, "work", "--room", "research", *where]

    def tell() -> None:
        waiting = {settings.port for settings in addresses.values()}
        until = time.monotonic() + START_WITHIN
        while waiting and time.monotonic() < until:
            waiting = {port for port in waiting if not _answers(port)}
            time.sleep(0.1)
        for name, settings in addresses.items():
            _say(f"{name:<10}{settings.origin}" + ("  (not answering yet)" if settings.port in waiting else ""))
        _say("Stop with Ctrl-C.")

    supervise(commands, say=_say, started=threading.Thread(target=tell, daemon=True).start)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _say(sentence: str) -> None:
    print(sentence, flush=True)
