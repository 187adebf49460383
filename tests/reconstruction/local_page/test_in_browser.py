"""The page in Chromium: photographs, sliders and files as a visitor's hands use them."""

import io
import json
import queue
import subprocess
import threading

import pytest
from werkzeug.wrappers import Request, Response

from tests.photographs.painted_face import paint
from tests.web_pages.browser import chromium
from tf_morph.reconstruction.local_page.application import Application
from tf_morph.reconstruction.local_page.server import make_local_server

_HANDS = """
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const until = async (ready) => {
    for (let i = 0; i < 1200 && !ready(); i++) await pause(20);
    return Boolean(ready());
  };
  const fault = () => document.getElementById("fault").textContent;
  const pictures = () => document.querySelectorAll("#pictures img").length;
  const ready = await until(() => document.body.dataset.ready);
"""
_SCRIPT = """
  const canvas = document.querySelector("canvas[data-mesh]");
  const soon = async () => { // the sliders draw in one frame, the head in the next
    for (let i = 0; i < 4; i++) await new Promise(requestAnimationFrame);
    return canvas.toDataURL();
  };
  const transfer = (file) => { const t = new DataTransfer(); t.items.add(file); return t; };
  const seen = [await soon()];
  const slider = document.querySelector("#sliders input[data-group=shape]");
  const colour = document.querySelector("#sliders input[data-group=texture]");
  const move = async (input, value) => {
    input.value = value;
    input.dispatchEvent(new Event("input", {bubbles: true}));
    seen.push(await soon());
  };
  await move(slider, 3);
  await move(colour, -3);
  document.getElementById("reset").click();
  seen.push(await soon());
  const photograph = new File([await (await fetch("/photograph")).blob()], "face.png");
  const file = document.getElementById("file");
  file.files = transfer(photograph).files;
  file.dispatchEvent(new Event("change"));
  const read = await until(() => pictures() === 2);
  const earlier = fault();
  seen.push(await soon());
  const value = slider.value;
  document.dispatchEvent(new DragEvent("drop",
    {dataTransfer: transfer(new File(["garbage"], "face.jpg")), cancelable: true}));
  const refused = await until(fault);
  const words = fault() + earlier;
  document.dispatchEvent(
    new DragEvent("drop", {dataTransfer: transfer(photograph), cancelable: true}));
  const again = await until(() => pictures() === 2);
  const saved = [];
  const click = HTMLAnchorElement.prototype.click;
  HTMLAnchorElement.prototype.click = function () { saved.push(this.download); };
  for (const button of document.querySelectorAll("button[data-file]")) {
    button.click();
    await until(() => saved.includes(button.dataset.file) || saved.length);
    await pause(100);
  }
  HTMLAnchorElement.prototype.click = click;
  const places = seen.map((picture) => seen.indexOf(picture));
  return {ready, places, read, value, refused, words, again, cleared: fault() === "", saved,
    overflow: document.documentElement.scrollWidth - innerWidth};
"""
_WEBCAM_SCRIPT = """
  const at = (id) => document.getElementById(id);
  at("webcam").click();
  const on = await until(() => fault() || at("video").videoWidth);
  await pause(500); // the first frames may be black
  at("shot").click();
  const read = await until(() => fault() || pictures() === 2);
  return {ready, on, read, words: fault(), off: at("video").hidden && !at("video").srcObject};
"""
_REFUSED_SCRIPT = """
  document.getElementById("webcam").click();
  await until(fault);
  return {words: fault()};
"""
_NO_QUESTION = "--use-fake-ui-for-media-stream"

_GUARD = "<body><script>window.faults=[];onerror=(m)=>faults.push(String(m));</script>"
_DRIVER = (
    "<script>(async()=>{let found;try{found=await(async()=>{%s})();}"
    "catch(error){found={thrown:String(error)};}"
    "fetch('/found',{method:'POST',body:JSON.stringify({...found,faults})});})();</script></body>"
)


class _Driven:
    """The application with a script in its page, and with a photograph for the script."""

    def __init__(self, regressor, script):
        self._application = Application(regressor)
        photograph = io.BytesIO()
        paint((320, 280), (60, 40, 200))[0].save(photograph, "PNG")
        self._photograph = photograph.getvalue()
        page = self._application.page.replace("<body>", _GUARD, 1)
        self._page = page.replace("</body>", _DRIVER % (_HANDS + script), 1)
        self.found = queue.Queue()

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/":
            return Response(self._page, mimetype="text/html")(environ, start_response)
        if environ["PATH_INFO"] == "/photograph":
            return Response(self._photograph)(environ, start_response)
        if environ["PATH_INFO"] == "/found":
            self.found.put(json.loads(Request(environ).get_data()))
            return Response()(environ, start_response)
        return self._application(environ, start_response)


def _found(driven, folder, width, *flags):
    server = make_local_server(driven, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    command = [
        *(chromium(), "--headless=new", "--no-sandbox", "--remote-debugging-port=0"),
        *("--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--hide-scrollbars"),
        *(f"--window-size={width},900", f"--user-data-dir={folder / 'browser'}"),
        *(*flags, f"http://127.0.0.1:{server.port}/"),
    ]
    browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return driven.found.get(timeout=60)
    finally:
        browser.terminate()
        browser.wait(timeout=20)
        server.shutdown()
        server.server_close()


@pytest.mark.slow
@pytest.mark.parametrize("width", [500, 1300])
def test_photographs_sliders_and_files(regressor, tmp_path, width):
    found = _found(_Driven(regressor, _SCRIPT), tmp_path, width)
    assert "thrown" not in found, found["thrown"]
    assert found["faults"] == [] and found["ready"]
    assert found["read"] and found["again"], found["words"]
    # Each slider shows something new, the mean face is as it was, the read head is another.
    assert found["places"] == [0, 1, 2, 0, 4] and float(found["value"]) != 0
    assert found["refused"] and "JPEG" in found["words"] and found["cleared"]
    assert found["saved"] == ["face.glb", "face.obj", "face.ply", "coefficients.json"]
    assert found["overflow"] <= 0


@pytest.mark.slow
def test_webcam(regressor, tmp_path):
    film = tmp_path / "face.mjpeg"
    paint((640, 480), (180, 90, 300))[0].save(film, "JPEG", quality=95)
    camera = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}")
    found = _found(_Driven(regressor, _WEBCAM_SCRIPT), tmp_path, 1300, _NO_QUESTION, *camera)
    assert found == {
        "ready": True,
        "on": True,
        "read": True,
        "words": "",
        "off": True,
        "faults": [],
    }


@pytest.mark.slow
def test_no_webcam_is_told(regressor, tmp_path):
    found = _found(_Driven(regressor, _REFUSED_SCRIPT), tmp_path, 1300, _NO_QUESTION)
    assert found["words"].startswith("no webcam: ") and found["faults"] == []
