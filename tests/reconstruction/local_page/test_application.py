"""The page's server: right answers, and clear lines for whatever else is sent."""

import io
import json
import socket
import threading
import urllib.request

import numpy as np
import pytest
import trimesh
from PIL import Image
from werkzeug.test import Client

from tf_morph.errors import InputError
from tf_morph.reconstruction.local_page.application import Application
from tf_morph.reconstruction.local_page.server import make_local_server
from tf_morph.reconstruction.local_page.uploads import MOST_BYTES
from tf_morph.reconstruction.mesh import Mesh


@pytest.fixture(scope="module")
def application(regressor):
    return Application(regressor)


@pytest.fixture
def client(application):
    return Client(application)


def _coded(photograph, kind="PNG"):
    file = io.BytesIO()
    photograph.save(file, kind)
    return file.getvalue()


def test_a_photograph_gives_what_the_regressor_gives(client, regressor, portrait):
    answer = client.post("/head", data=_coded(portrait[0]))
    expected = regressor.reconstruct(portrait[0])
    np.testing.assert_allclose(answer.json["shape"], expected.shape, atol=1e-6)
    np.testing.assert_allclose(answer.json["texture"], expected.texture, atol=1e-6)
    assert answer.json["picture"].startswith("data:image/jpeg;base64,")


def _packed(client, hair, count=7):  # 4 of shape, 3 of texture
    packed = client.get(f"/model/{hair}").data
    size = (len(packed) - 4 * count) // (8 + 2 * count)
    floats = np.frombuffer(packed, "<f4", 2 * size + count)
    columns = np.frombuffer(packed, "<i2", offset=floats.nbytes).reshape(count, size)
    return floats[:size], floats[size : 2 * size], columns * floats[2 * size :, None]


@pytest.mark.parametrize("hair", ["none", "long"])
def test_the_browsers_columns_are_the_models(client, regressor, hair):
    model = regressor.model
    positions, _, columns = _packed(client, hair)
    shape = np.float32([1.5, -2.0, 0.5, 1.0])
    moved = (positions + shape @ columns[:4]).reshape(-1, 3)
    mean = model.shape.mean
    middle, longest = (mean.min(0) + mean.max(0)) / 2, np.ptp(mean, axis=0).max()
    expected = model.vertices(shape).numpy()
    found = moved * longest + middle
    np.testing.assert_allclose(found[: len(expected)], expected, atol=0.01)
    colors = np.zeros_like(expected, np.uint8)
    head, shell = regressor.hairdresser.dress(Mesh(expected, colors, model.triangles), hair)
    if hair == "none":
        assert np.ptp(found[len(expected) :], axis=0).max() < 20.0  # folded up inside
    else:
        np.testing.assert_allclose(found[len(expected) :], shell.vertices, atol=0.02)


def test_the_browsers_hair_has_the_scalps_colour(client, regressor):
    _, colors, columns = _packed(client, "long")
    own = regressor.model.num_vertices
    scalp = regressor.hairdresser.surround.scalp.hair
    if len(scalp):
        mean = regressor.model.color.mean[scalp].mean(0)
        hair = colors.reshape(-1, 3)[own:]
        np.testing.assert_allclose(hair.max(0) / hair.max(0).sum(), mean / mean.sum(), atol=0.02)
    assert np.abs(columns[4:].reshape(3, -1, 3)[:, own:]).max() > 0 or not len(scalp)


def test_unknown_hair_is_refused(client):
    assert client.get("/model/mohawk").status_code == 404
    for hair in ("mohawk", 3, ["long"]):
        answer = client.post("/file/ply", data=json.dumps({"hair": hair}))
        assert answer.status_code == 422 and "give one of none, bald" in answer.json["error"]


def test_files_hold_the_hair(client, regressor):
    answer = client.post("/file/glb", data=json.dumps({"hair": "chin_length"}))
    scene = trimesh.load_scene(io.BytesIO(answer.data), file_type="glb")
    assert set(scene.geometry) == {"head", "hair"}


@pytest.mark.parametrize("kind", ["glb", "obj", "ply"])
def test_files_hold_the_head_of_the_coefficients(client, regressor, kind):
    shape = [1.0, -1.0, 2.0, 0.0]
    answer = client.post(f"/file/{kind}", data=json.dumps({"shape": shape}))
    mesh = trimesh.load_mesh(io.BytesIO(answer.data), file_type=kind, process=False)
    expected = regressor.model.vertices(np.float32(shape)).numpy()
    scale = 1000.0 if kind == "glb" else 1.0
    np.testing.assert_allclose(np.ptp(mesh.vertices, 0) * scale, np.ptp(expected, 0), rtol=1e-3)


_GARBAGE = {
    "empty": b"",
    "text": b"no picture",
    "cut short": _coded(Image.new("RGB", (90, 90), "red"))[:60],
    "no face": _coded(Image.new("RGB", (90, 90), "red")),
    "a program": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
    "bomb": _coded(Image.new("1", (20_000, 20_000))),
}


@pytest.mark.parametrize("body", _GARBAGE.values(), ids=_GARBAGE)
def test_a_photograph_that_is_none_is_told_in_a_line(client, portrait, body):
    answer = client.post("/head", data=body)
    assert answer.status_code == 422 and answer.json["error"].startswith("photograph")
    assert "\n" not in answer.json["error"]
    assert client.post("/head", data=_coded(portrait[0])).status_code == 200


_WRONG = ["", "[", "[1]", '{"shape": [1]}', '{"shape": "x"}', '{"shape": [NaN, 0, 0, 0]}']
_WRONG += ['{"shape": [1e9, 0, 0, 0]}', '{"texture": null}', "[" * 100_000, "\x00\xff"]


@pytest.mark.parametrize("body", _WRONG, ids=range(len(_WRONG)))
def test_coefficients_that_are_none_are_told_in_a_line(client, body):
    answer = client.post("/file/glb", data=body)
    assert answer.status_code == 422 and answer.json["error"].startswith("coefficients")


def test_other_addresses_and_methods_are_refused(client):
    assert client.get("/head").status_code == 405
    assert client.get("/../etc/passwd").status_code == 404
    assert client.post("/file/exe", data="{}").status_code == 404
    too_large = {"CONTENT_LENGTH": str(MOST_BYTES + 1)}
    assert client.post("/head", environ_overrides=too_large).status_code == 413


def test_other_sites_are_refused(client):
    assert client.get("/", base_url="http://evil.example/").status_code == 403
    assert client.get("/", base_url="http://127.0.0.1.evil.example:80/").status_code == 403
    assert client.post("/head", headers={"Origin": "http://evil.example"}).status_code == 403
    answer = client.get("/", base_url="http://127.0.0.1:8000/")
    assert answer.status_code == 200 and answer.headers["X-Frame-Options"] == "DENY"


def test_those_that_wait_too_many_are_told(application, client, portrait):
    for _ in range(4):
        assert application._places.acquire(blocking=False)
    try:
        assert client.post("/head", data=_coded(portrait[0])).status_code == 503
    finally:
        application._places.release(4)
    assert client.post("/head", data=_coded(portrait[0])).status_code == 200


def test_garbage_on_the_socket_ends_nothing(application):
    server = make_local_server(application, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        for garbage in (b"\x00\xff\n\n", b"POST /head HTTP/1.1\r\nContent-Length: x\r\n\r\n", b""):
            with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
                connection.sendall(garbage)
        address = f"http://127.0.0.1:{server.port}/"
        assert b"<canvas" in urllib.request.urlopen(address, timeout=10).read()
        with pytest.raises(InputError, match=f"port {server.port}.*--port"):
            make_local_server(application, server.port)
    finally:
        server.shutdown()
        server.server_close()
