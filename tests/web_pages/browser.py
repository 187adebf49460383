"""A page opened in Chromium, where there is one."""

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def chromium() -> str:
    """Where it is; the test is skipped where it is not."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("no Chromium on this machine")
    return found


def tried_in_browser(page: Path, script: str, folder: Path, width: int = 1300) -> dict:
    """What a script finds in a page, faults of the page's own scripts among it as `faults`.

    Args:
      script: the body of an async function that returns an object.
      folder: for the page with the script in it, and the browser's own files.
    """
    guard = "<script>window.faults=[];onerror=(m)=>faults.push(String(m));</script>"
    driver = (
        "<script>(async()=>{const found=await(async()=>{" + script + "})();"
        "const pre=document.createElement('pre');pre.id='found';"
        "pre.textContent=JSON.stringify({...found,faults});document.body.append(pre);})();</script>"
    )
    text = page.read_text(encoding="utf-8")
    text = text.replace("<body>", f"<body>{guard}", 1).replace("</body>", f"{driver}</body>", 1)
    driven = folder / "driven.html"
    driven.write_text(text, encoding="utf-8")
    command = [
        *(chromium(), "--headless=new", "--no-sandbox", "--hide-scrollbars"),
        *("--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
        *(f"--window-size={width},900", f"--user-data-dir={folder / 'browser'}"),
        *("--virtual-time-budget=8000", "--dump-dom", driven.as_uri()),
    ]
    made = subprocess.run(command, capture_output=True, text=True, timeout=110, check=True)
    found = re.search(r'<pre id="found">(.*?)</pre>', made.stdout, re.DOTALL)
    assert found, f"the script did not end: {made.stderr[-500:]}"
    return json.loads(unescape(found.group(1)))
