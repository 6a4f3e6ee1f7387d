"""Serve the preview, on this machine only."""

from pathlib import Path

import click
from werkzeug.serving import WSGIRequestHandler, make_server

from studyportal.portal.preview.app import create_app
from studyportal.protocol.versions import load_protocol


class _Quiet(WSGIRequestHandler):
    """Writes no line per request: whoever looks at pages need not read about it."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def serve_preview(file: Path, port: int) -> None:
    """Show the study in `file` until Ctrl-C. Raises `ProtocolMistakes` before anything listens."""
    app = create_app(load_protocol(file), file, port=port)
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    click.echo(f"Look at http://localhost:{port} and press Ctrl-C when you are done. Nothing you type is kept.")
    server.serve_forever()
