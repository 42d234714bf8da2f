"""A real browser driven over the DevTools protocol: https://chromedevtools.github.io/devtools-protocol/"""

import base64
import contextlib
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

_PATIENCE_SECONDS = 30.0
_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_KEYS = {
    "Enter": ("Enter", 13, "\r"),
    "Tab": ("Tab", 9, ""),
    " ": ("Space", 32, " "),
    "ArrowLeft": ("ArrowLeft", 37, ""),
    "ArrowRight": ("ArrowRight", 39, ""),
    "ArrowDown": ("ArrowDown", 40, ""),
    "ArrowUp": ("ArrowUp", 38, ""),
    "Escape": ("Escape", 27, ""),
}


class Chromium:
    """A browser without a window. folder: for its profile. microphone: a WAV file that it hears as the microphone.

    arguments: more of Chromium's own options.
    """

    def __init__(self, folder: Path, microphone: Path | None = None, arguments: Sequence[str] = ()) -> None:
        program = next((found for name in _NAMES if (found := shutil.which(name))), None)
        assert program is not None, "Chromium is missing; `make test` installs it"
        heard = [] if microphone is None else [f"--use-file-for-fake-audio-capture={microphone}"]
        self._log = (folder / "chromium.log").open("wb")
        self._process = subprocess.Popen(
            [
                program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--remote-debugging-port=0", f"--user-data-dir={folder / 'profile'}", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server",
                "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", "--mute-audio",
                "--autoplay-policy=no-user-gesture-required", *heard, *arguments, "about:blank",
            ],
            stdout=self._log,
            stderr=self._log,
        )  # fmt: skip
        written = folder / "profile" / "DevToolsActivePort"
        end = time.monotonic() + _PATIENCE_SECONDS
        while not (written.exists() and written.read_text().count("\n")):
            assert self._process.poll() is None and time.monotonic() < end, (folder / "chromium.log").read_text()
            time.sleep(0.05)
        port, path = written.read_text().split("\n")[:2]
        self._at = f"ws://127.0.0.1:{port}"
        self._browser = Tab(f"{self._at}{path}")

    def tab(self) -> "Tab":
        """A new tab that shares nothing with the others."""
        context = self._browser.call("Target.createBrowserContext")["browserContextId"]
        made = self._browser.call("Target.createTarget", url="about:blank", browserContextId=context)
        return Tab(f"{self._at}/devtools/page/{made['targetId']}").ready()

    def close(self) -> None:
        """End the browser."""
        self._browser.close()
        self._process.terminate()
        self._process.wait(20)
        self._log.close()


class Tab:
    """One page. errors: what scripts or the policy complained about."""

    def __init__(self, address: str) -> None:
        self._stack = contextlib.ExitStack()
        self._connection = self._stack.enter_context(connect(address, max_size=None, origin=None, proxy=None))
        self._numbers = itertools.count(1)
        self.errors: list[str] = []

    def ready(self) -> "Tab":
        """Listen for errors."""
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        return self

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command; its result."""
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv(timeout=_PATIENCE_SECONDS))
            self._note(message)
            if message.get("id") == number:
                assert "error" not in message, message["error"]
                result: dict[str, Any] = message["result"]
                return result

    def run(self, script: str) -> Any:
        """The value of an expression, awaited where it is a promise."""
        answer = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def open(self, url: str) -> None:
        """Go to an address and wait until it is loaded."""
        self.call("Page.navigate", url=url)
        # Of an address that differs in its fragment alone the document stays.
        self.until(
            f"location.href.split('#')[0] === {json.dumps(url.split('#')[0])} && document.readyState === 'complete'"
        )

    def until(self, condition: str, seconds: float = _PATIENCE_SECONDS) -> Any:
        """Wait until an expression is true; its value."""
        end = time.monotonic() + seconds
        while True:
            try:
                if value := self.run(condition):
                    return value
            except AssertionError:
                if time.monotonic() > end:
                    raise
            assert time.monotonic() < end, f"{condition}\n{self.errors}\n{self.run('document.body.innerText')[:2000]}"
            time.sleep(0.05)

    def press(self, *keys: str) -> None:
        """Type keys, one after another."""
        for key in keys:
            code, number, text = _KEYS.get(key, (f"Key{key.upper()}", ord(key.upper()[0]), key))
            about = {"key": key, "code": code, "windowsVirtualKeyCode": number}
            self.call("Input.dispatchKeyEvent", type="keyDown", **about, **({"text": text} if text else {}))
            self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def click(self, x: float, y: float) -> None:
        """Press and release the mouse at a place of the window."""
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def choose_file(self, selector: str, files: Sequence[Path]) -> None:
        """Choose files in a file input."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=node, files=[str(file) for file in files])

    def size(self, width: int, height: int) -> None:
        """Size of the window in CSS pixels."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def colours(self, scheme: str) -> None:
        """`light` or `dark`."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self, whole: bool = False) -> bytes:
        """The page as a PNG. whole: also what one would have to scroll to."""
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(answer["data"])

    def close(self) -> None:
        """Leave the page."""
        self._stack.close()

    def _note(self, message: dict[str, Any]) -> None:
        parameters = message.get("params", {})
        match message.get("method"):
            case "Runtime.exceptionThrown":
                self.errors.append(str(parameters["exceptionDetails"].get("exception", parameters)))
            case "Log.entryAdded" if parameters["entry"]["level"] == "error":
                self.errors.append(f"{parameters['entry']['text']} {parameters['entry'].get('url', '')}")
            case "Runtime.consoleAPICalled" if parameters["type"] in ("error", "assert"):
                self.errors.append(str(parameters["args"]))
