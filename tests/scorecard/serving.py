"""A day of a server in a minute, for `alone.py`: uploads, a transcript, a live session, pages, and the end.

python -m tests.scorecard.serving DATA_FOLDER RECORDING
"""

import json
import sys
from pathlib import Path

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from speech.decode import decode
from speech.frames import pcm16_bytes, to_pcm16
from tests.server.conftest import start, stop


def main() -> None:
    """Raises where anything is not answered as it should be."""
    folder, recording = Path(sys.argv[1]), Path(sys.argv[2])
    served = start(folder)
    try:
        with httpx.Client(base_url=served.url, timeout=180, trust_env=False) as api:
            form = {"file": ("talk.wav", recording.read_bytes())}
            api.post("/v1/audio/transcriptions", files=form).raise_for_status()
            api.post("/api/v1/analyses", files=form, data={"problem": "feed"}).raise_for_status()
            id = api.post("/api/v1/sessions", json={"problem": "feed"}).json()["id"]
            with connect(f"ws{served.url[4:]}/api/v1/sessions/{id}/live", origin=None, proxy=None) as live:
                sound = pcm16_bytes(to_pcm16(decode(recording).samples))
                for at in range(0, len(sound), 32_000):
                    live.send(sound[at : at + 32_000])
                live.send("end")
                try:
                    while True:
                        assert "event" in json.loads(live.recv(timeout=60))
                except ConnectionClosed as closed:
                    assert closed.rcvd is not None and closed.rcvd.code == 1000
            for page in ("/", "/practice", "/progress", f"/sessions/{id}", f"/api/v1/sessions/{id}/report?format=html"):
                api.get(page).raise_for_status()
    finally:
        stop(served)


if __name__ == "__main__":
    main()
