"""One prompt spoken into a WAV file by pyttsx3, in a process that exists for nothing else.

Run as a script with a JSON object on standard input: text, file, seconds (when to give up), and optionally voice and
rate (words per minute). With `list` instead, it prints each voice's id and languages as JSON. Ends with 0 when the file is complete, else with a line on standard error. pyttsx3 crashes,
hangs, or ends the interpreter on some inputs; here that costs one child.
"""

import ctypes
import importlib.util
import json
import os
import sys
import threading
import traceback
from pathlib import Path


def _use_packaged_espeak() -> None:
    """Let pyttsx3 find espeak-ng and its data in the espeakng-loader package where the system has none."""
    if importlib.util.find_spec("espeakng_loader") is None:
        return
    import espeakng_loader  # type: ignore[import-not-found,unused-ignore]

    data = espeakng_loader.get_data_path()
    if Path(data, "phontab").is_file():
        # Without the variable the packaged library looks in its builder's folder and calls exit(1).
        os.environ.setdefault("ESPEAK_DATA_PATH", data)
        ctypes.CDLL(espeakng_loader.get_library_path())


def main() -> None:
    """Read the request, write the file. Raises whatever went wrong."""
    request = json.load(sys.stdin)
    try:
        ctypes.CDLL("libespeak-ng.so.1")
    except OSError:
        _use_packaged_espeak()
    import pyttsx3  # type: ignore[import-untyped,unused-ignore]

    engine = pyttsx3.init()
    if request.get("list"):
        voices = [
            (
                voice.id,
                [each.decode("utf-8", "replace") if isinstance(each, bytes) else each for each in voice.languages],
            )
            for voice in engine.getProperty("voices")
        ]
        print(json.dumps(voices), flush=True)
        return
    finished = threading.Event()
    errors: list[str] = []
    engine.connect("finished-utterance", lambda **_: finished.set())
    engine.connect("error", lambda **about: errors.append(repr(about.get("exception"))))
    espeak = sys.modules.get("pyttsx3.drivers._espeak")
    # espeak sets properties in the background and an engine queue may cancel them, so they go to the driver itself
    # and are waited for; other drivers take them at once.
    target = engine.proxy._driver if espeak else engine
    for name in ("voice", "rate"):
        if request.get(name) is not None:
            target.setProperty(name, request[name])
    if espeak:
        espeak.Synchronize()
    engine.save_to_file(request["text"], request["file"])
    engine.runAndWait()
    # The espeak driver returns before its thread has written the file; the notification comes after it.
    if espeak and not finished.wait(request["seconds"]):
        errors.append("the engine did not finish")
    if errors:
        raise RuntimeError(errors[0])


if __name__ == "__main__":
    try:
        main()
    finally:
        failed = sys.exc_info()[0] is not None
        if failed:
            traceback.print_exc()
            sys.stderr.flush()
        # espeak's own exit handlers may hang or crash, and everything is on disk.
        os._exit(failed)
