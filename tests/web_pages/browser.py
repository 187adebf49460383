"""A page opened in Chromium, where there is one."""

import json
import queue
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_SECONDS = 90


def chromium() -> str:
    """Where it is; the test is skipped where it is not."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("no Chromium on this machine")
    return found


def tried_in_browser(page: Path, script: str, folder: Path, width: int = 1300) -> dict:
    """What a script finds in a page, faults of the page's own scripts among it as `faults`.

    The browser keeps real time: by its virtual time frames are at times never drawn. So a server
    hands it the page, and takes what was found.

    Args:
      script: the body of an async function that returns an object.
      folder: for the browser's own files.
    """
    found: queue.Queue = queue.Queue()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(_driven(page, script), found))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    command = [
        *(chromium(), "--headless=new", "--no-sandbox", "--hide-scrollbars"),
        *("--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
        *(f"--window-size={width},900", f"--user-data-dir={folder / 'browser'}"),
        # Without a port to be driven by it would end when the page is loaded.
        *("--remote-debugging-port=0", f"http://127.0.0.1:{server.server_port}/"),
    ]
    browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return found.get(timeout=_SECONDS)
    except queue.Empty:
        raise AssertionError("the script did not end") from None
    finally:
        browser.terminate()
        browser.wait()
        server.shutdown()
        server.server_close()


def _driven(page: Path, script: str) -> bytes:
    """The page with the script in it, and leave to tell what it found."""
    guard = "<script>window.faults=[];onerror=(m)=>faults.push(String(m));</script>"
    driver = (
        "<script>(async()=>{const found=await(async()=>{" + script + "})();"
        "fetch('/found',{method:'POST',body:JSON.stringify({...found,faults})});})();</script>"
    )
    text = page.read_text(encoding="utf-8")
    nothing = "default-src &#x27;none&#x27;"
    text = text.replace(nothing, f"{nothing}; connect-src &#x27;self&#x27;", 1)
    text = text.replace("<body>", f"<body>{guard}", 1).replace("</body>", f"{driver}</body>", 1)
    return text.encode()


def _handler(page: bytes, found: queue.Queue) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page if self.path == "/" else b"")

        def do_POST(self):
            found.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    return Handler
