"""A real browser, Debian's Chromium or the machine's own, driven by Playwright."""

import atexit
import shutil
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, Playwright, sync_playwright
from playwright.sync_api import Error as BrowserError

_PATIENCE_SECONDS = 30.0
_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


class Chromium:
    """A browser without a window. microphone: a WAV file that it hears as the microphone.

    arguments: more of Chromium's own options.
    """

    def __init__(self, microphone: Path | None = None, arguments: Sequence[str] = ()) -> None:
        program = next((found for name in _NAMES if (found := shutil.which(name))), None)
        assert program is not None, "Chromium is missing; `make test` installs it"
        heard = [] if microphone is None else [f"--use-file-for-fake-audio-capture={microphone}"]
        self._browser = _playwright().chromium.launch(
            executable_path=program,
            args=[
                "--disable-gpu",
                "--no-proxy-server",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                "--autoplay-policy=no-user-gesture-required",
                *heard,
                *arguments,
            ],
        )

    def tab(self) -> "Tab":
        """A new tab that shares nothing with the others."""
        return Tab(self._browser.new_context().new_page())

    def close(self) -> None:
        """End the browser."""
        self._browser.close()


class Tab:
    """One page. page: Playwright's own. errors: what scripts or the policy complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._devtools = page.context.new_cdp_session(page)
        self.errors: list[str] = []
        page.set_default_timeout(1000 * _PATIENCE_SECONDS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._note)

    def run(self, script: str) -> Any:
        """The value of an expression, awaited where it is a promise."""
        return self.page.evaluate(script)

    def open(self, url: str) -> None:
        """Go to an address and wait until it is loaded."""
        self.page.goto(url)

    def until(self, condition: str, seconds: float = _PATIENCE_SECONDS) -> Any:
        """Wait until an expression is true; its value."""
        # Not by `wait_for_function`, whose way to look again and again is what the pages' policy forbids.
        end = time.monotonic() + seconds
        while True:
            try:
                if value := self.run(condition):
                    return value
            except BrowserError:
                # Between two pages there is none.
                if time.monotonic() > end:
                    raise
            assert time.monotonic() < end, f"{condition}\n{self.errors}\n{self.page.inner_text('body')[:2000]}"
            self.page.wait_for_timeout(50)

    def click(self, selector: str) -> None:
        """Press the first element that can be pressed and fits the selector."""
        self.page.locator(selector).first.click()

    def press(self, *keys: str) -> None:
        """Type keys, one after another."""
        for key in keys:
            self.page.keyboard.press(key)

    def size(self, width: int, height: int) -> None:
        """Size of the window in CSS pixels."""
        self.page.set_viewport_size({"width": width, "height": height})

    def colours(self, scheme: str) -> None:
        """`light` or `dark`, as the user prefers."""
        self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")

    def scripts(self, on: bool) -> None:
        """Whether the page's scripts run."""
        self._devtools.send("Emulation.setScriptExecutionDisabled", {"value": not on})

    def close(self) -> None:
        """Leave the page."""
        self.page.context.close()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "assert"):
            self.errors.append(f"{message.text} {message.location['url']}")


@cache
def _playwright() -> Playwright:
    driver = sync_playwright().start()
    atexit.register(driver.stop)
    return driver
