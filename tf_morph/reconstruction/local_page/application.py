"""What answers the page's requests; nothing sent to it ends it."""

import contextlib
import json
import threading
from collections.abc import Iterator

from absl import logging
from werkzeug.exceptions import Forbidden, HTTPException, NotFound, ServiceUnavailable
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from tf_morph.errors import InputError
from tf_morph.hairstyles import HAIR_CHOICES
from tf_morph.reconstruction.local_page.answers import FILES, file_of, head_of, overlay_of
from tf_morph.reconstruction.local_page.page import local_page
from tf_morph.reconstruction.local_page.slider_model import SliderModel
from tf_morph.reconstruction.local_page.uploads import (
    decode_photograph,
    read_body,
    read_coefficients,
    read_hair,
)
from tf_morph.reconstruction.regressor import Regressor
from tf_morph.regression.components import coefficient_counts

_HOSTS = ("127.0.0.1", "localhost")
_PATIENCE = 20.0  # seconds that a request waits for the one before it
_MOST_WAITING = 4
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_URLS = Map(
    [
        Rule("/", endpoint="page", methods=["GET"]),
        Rule("/model/<hair>", endpoint="model", methods=["GET"]),
        Rule("/head", endpoint="head", methods=["POST"]),
        Rule("/overlay", endpoint="overlay", methods=["POST"]),
        Rule("/file/<kind>", endpoint="file", methods=["POST"]),
    ]
)


class Application:
    """The page of one regressor, as WSGI has applications.

    Attributes:
      page: its HTML.
    """

    def __init__(self, regressor: Regressor):
        self._regressor = regressor
        counts = coefficient_counts(regressor.config, regressor.model)
        from_scalp = regressor.config.rendering.hair_from_scalp
        sliders = SliderModel(regressor.model, *counts, from_scalp)
        self._counts = {group.name: group.count for group in sliders.groups}
        self.page, self._sliders = local_page(regressor.name, sliders), sliders
        self._busy, self._places = threading.Lock(), threading.Semaphore(_MOST_WAITING)

    def __call__(self, environ, start_response):
        request = Request(environ)
        try:
            _check_source(request)
            endpoint, values = _URLS.bind_to_environ(environ).match()
            response = getattr(self, f"_answer_{endpoint}")(request, **values)
        except InputError as error:
            response = _fault(str(error), 422)
        except HTTPException as error:
            response = _fault(error.description or error.name, error.code or 500)
        except Exception:  # noqa: BLE001 - whatever was sent, the next request is answered
            logging.exception("a request failed")
            response = _fault("this failed; the terminal says why", 500)
        response.headers.extend(_HEADERS)
        return response(environ, start_response)

    def _answer_page(self, request: Request) -> Response:
        return Response(self.page, mimetype="text/html")

    def _answer_model(self, request: Request, hair: str) -> Response:
        if hair not in HAIR_CHOICES:
            raise NotFound(f"no such hair; there is {', '.join(HAIR_CHOICES)}")
        with self._turn():
            packed = self._sliders.packed(hair)
        return Response(packed, mimetype="application/octet-stream")

    def _answer_head(self, request: Request) -> Response:
        return self._answer_photograph(request, head_of)

    def _answer_overlay(self, request: Request) -> Response:
        return self._answer_photograph(request, overlay_of)

    def _answer_photograph(self, request: Request, answer) -> Response:
        body = read_body(request)
        with self._turn():
            return _json(answer(self._regressor, decode_photograph(body)))

    def _answer_file(self, request: Request, kind: str) -> Response:
        if kind not in FILES:
            raise NotFound(f"no such file; there are {', '.join(FILES)}")
        body = read_body(request)
        coefficients, hair = read_coefficients(body, self._counts), read_hair(body)
        with self._turn():
            content = file_of(self._regressor, kind, coefficients, hair)
        return Response(content, mimetype=FILES[kind])

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """One computation at a time; few wait for theirs, and not for ever."""
        busy = ServiceUnavailable("other photographs are being read; try again in a moment")
        if not self._places.acquire(blocking=False):
            raise busy
        try:
            if not self._busy.acquire(timeout=_PATIENCE):
                raise busy
            try:
                yield
            finally:
                self._busy.release()
        finally:
            self._places.release()


def _check_source(request: Request) -> None:
    """Refuses what another site makes a browser send here, under whatever name it knows us."""
    host = request.environ.get("HTTP_HOST", "")
    if host.rpartition(":")[0] not in _HOSTS and host not in _HOSTS:
        raise Forbidden("this page answers 127.0.0.1 and localhost alone")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{host}":
        raise Forbidden("this page answers itself alone")


def _json(content: dict, status: int = 200) -> Response:
    return Response(json.dumps(content), status, mimetype="application/json")


def _fault(line: str, status: int) -> Response:
    return _json({"error": line}, status)
