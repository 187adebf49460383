"""The page served, on this machine alone."""

import socket

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from tf_morph.errors import InputError
from tf_morph.reconstruction.local_page.application import Application

_HOST = "127.0.0.1"
_SILENCE_SECONDS = 30.0


class _Handler(WSGIRequestHandler):
    timeout = _SILENCE_SECONDS  # of a connection, before it is closed

    def log(self, type: str, message: str, *args) -> None:
        """Nothing: requests are the page's own."""


def make_local_server(application: Application, port: int) -> BaseWSGIServer:
    """A server that is bound but answers only once `serve_forever` runs.

    Args:
      application: what answers.
      port: 0 for one that is free; the server's `port` tells which.

    Raises:
      InputError: the port is taken, or none of the user's to take.
    """
    try:
        bound = socket.create_server((_HOST, port))
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError(f"port {port}: {why}; name another by --port") from error
    with bound:  # the server has a copy of it
        return make_server(
            _HOST, port, application, threaded=True, request_handler=_Handler, fd=bound.fileno()
        )
