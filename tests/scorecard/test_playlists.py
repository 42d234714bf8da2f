"""Files that name other files and addresses, which FFmpeg would open."""

import io
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from speech.recorder import write_wav
from tests.scorecard.conftest import Claim
from tests.scorecard.mutants import talk
from tests.scorecard.opened import opened
from tests.scorecard.processes import needs_proc, watched
from tests.server.conftest import Served

pytestmark = [
    pytest.mark.hostile,
    needs_proc,
    pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux alone"),
]

# FFmpeg's formats that name what else to open. {file}: a path. {url}: an address somebody listens at. {port}: its port.
TEXTS = {
    "ffconcat": "ffconcat version 1.0\nfile '{file}'\n",
    "ffconcat with options": "ffconcat version 1.0\nfile '{file}'\noption protocol_whitelist file,http,tcp\nfile '{url}'\n",
    "HLS": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{file}\n#EXTINF:9,\n{url}\n#EXT-X-ENDLIST\n",
    "HLS with a key": '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{url}"\n#EXT-X-MAP:URI="file:{file}"\n#EXTINF:9,\n{file}\n',
    "M3U": "#EXTM3U\n{url}\n{file}\n",
    "PLS": "[playlist]\nFile1={file}\nFile2={url}\nNumberOfEntries=2\n",
    "SDP": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {port} RTP/AVP 0\n",
    "DASH": "<?xml version='1.0'?><MPD><Period><BaseURL>{file}</BaseURL><BaseURL>{url}</BaseURL></Period></MPD>",
    "SMIL": "<smil><body><audio src='{file}'/><audio src='{url}'/></body></smil>",
    "ASX": "<asx version='3.0'><entry><ref href='{url}'/></entry></asx>",
    "RTSP text": "RTSPtextRTSP://127.0.0.1:{port}/x\n",
    "SVG": "<svg xmlns:xlink='http://www.w3.org/1999/xlink'><image xlink:href='{url}'/></svg>",
    "XSPF": "<playlist><trackList><track><location>file://{file}</location></track></trackList></playlist>",
    "image sequence": "{file}%d",
    "a path": "{file}",
    "an address": "{url}",
}
HEADS = (
    b"",
    b"\xef\xbb\xbf",
    b"ID3\x04\x00\x00\x00\x00\x00\x00",
    b"RIFF\xff\xff\xff\xffWAVE",
    b"fLaC",
    b"OggS",
    b"\n\n",
)
ENDINGS = ("wav", "m3u8", "ffconcat", "sdp", "mpd", "mp3")
PATHS = ("/api/v1/analyses", "/v1/audio/transcriptions")


@contextmanager
def listener() -> Iterator[tuple[int, list[object]]]:
    """A port, and who connected to it."""
    callers: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    connection, caller = server.accept()
                except TimeoutError:
                    continue
                callers.append(caller)
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield server.getsockname()[1], callers
        finally:
            over.set()
            thread.join()


def test_a_playlist_opens_nothing(claim: Claim, served: Served, api: httpx.Client, tmp_path: Path) -> None:
    row = claim("B2", "A recording that is really a list of files and addresses opens none of them")
    secret = tmp_path / "secret.wav"
    write_wav(secret, talk(2.0))
    # What FFmpeg does when it is let: the watch would see it.
    concat = f"ffconcat version 1.0\nfile '{secret.name}'\n".encode()
    code = "import av,io,sys; print(len(list(av.open(io.BytesIO(sys.argv[1].encode())).decode(audio=0))))"
    with opened(tmp_path) as names:
        naive = subprocess.run(
            [sys.executable, "-c", code, concat.decode()], cwd=tmp_path, capture_output=True, text=True
        )
    assert int(naive.stdout) > 0 and secret.name in names

    answers: list[tuple[str, int, str]] = []
    with listener() as (port, callers), opened(tmp_path) as names, watched(served.process.pid, 0.002) as process:
        url = f"http://127.0.0.1:{port}/x.wav"
        for kind, text in TEXTS.items():
            for head in HEADS:
                content = head + text.format(file=secret, url=url, port=port).encode()
                for ending in ENDINGS if not head else ENDINGS[:1]:
                    for path in PATHS:
                        upload = {"file": (f"talk.{ending}", io.BytesIO(content), "audio/wav")}
                        answer = api.post(path, files=upload)
                        answers.append((f"{kind}.{ending}", answer.status_code, answer.text))
    row.tried(
        f"{len(answers)} uploads: {len(TEXTS)} formats ({', '.join(list(TEXTS)[:8])} ...), {len(ENDINGS)} endings, "
        f"{len(HEADS) - 1} ways to look like sound; seen by inotify, a listening port and /proc"
    )
    row.none("answers other than 415 and 422", [answer for answer in answers if answer[1] not in (415, 422)])
    row.none("named files opened", names)
    row.none("named addresses called", callers)
    # One connection is ours.
    row.at_most("sockets opened", max(0, process.sockets - process.before_sockets - 1), 0)
    row.none("answers that tell of the file", [answer for answer in answers if "secret" in answer[2]])
