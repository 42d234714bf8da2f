"""Many clients of a server at once: each asks again and again for something else, some follow what happens in a session.

python -m tests.scorecard.clients URL CLIENTS SECONDS STREAMS FINISHED SESSION...

Among the rest they read the session FINISHED: its report, transcript, review and sound. Prints as JSON how many answers of each status there were, the second within which 99 of 100 of them came, and when each
event of each session came over each stream, as seconds since the epoch.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence

import httpx

_PATHS = (
    "/api/v1/health",
    "/api/v1/problems",
    "/api/v1/frameworks",
    "/api/v1/sessions",
    "/api/v1/progress",
    "/",
    "/api/v1/sessions/20260101-000000-ffff",
    "/api/v1/sessions/{finished}/report",
    "/api/v1/sessions/{finished}/report?format=html",
    "/api/v1/sessions/{finished}/transcript",
    "/api/v1/sessions/{finished}/audio",
    "/sessions/{finished}",
)
_PART = {"range": "bytes=1000000-1063999"}
"""Two seconds of sound; what has no parts ignores it."""

_REST_SECONDS = (0.5, 2.0)


def paths(finished: str) -> list[str]:
    """What they ask for. finished: the session they read."""
    return [path.format(finished=finished) for path in _PATHS]


class Clients:
    """Clients of one server. came: by session and by the event's number, the seconds at which it came."""

    def __init__(self, url: str, seconds: float, finished: str) -> None:
        self._paths = paths(finished)
        self.statuses: Counter[str] = Counter()
        self.waited: list[float] = []
        self.came: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        self._url = url
        self._seconds = seconds
        self._until = time.monotonic() + seconds

    async def run(self, clients: int, streams: int, sessions: Sequence[str]) -> None:
        """Ask with so many clients, and follow the sessions in turn over so many streams."""
        asking = [self._ask(number) for number in range(clients)]
        following = [self._follow(sessions[number % len(sessions)]) for number in range(streams)]
        await asyncio.gather(*asking, *following)

    async def _ask(self, number: int) -> None:
        chance = random.Random(number)
        async with httpx.AsyncClient(base_url=self._url, timeout=60, trust_env=False, verify=False) as client:
            await asyncio.sleep(chance.uniform(0.0, _REST_SECONDS[1]))
            while time.monotonic() < self._until:
                began = time.monotonic()
                try:
                    answer = await client.get(chance.choice(self._paths), headers=_PART)
                    self.statuses[str(answer.status_code)] += 1
                except httpx.HTTPError as error:
                    self.statuses[type(error).__name__] += 1
                self.waited.append(time.monotonic() - began)
                await asyncio.sleep(chance.uniform(*_REST_SECONDS))

    async def _follow(self, session: str) -> None:
        address = f"{self._url}/api/v1/sessions/{session}/events"
        try:
            async with (
                asyncio.timeout(self._seconds),
                httpx.AsyncClient(timeout=60, trust_env=False, verify=False) as client,
                client.stream("GET", address) as answer,
            ):
                async for line in answer.aiter_lines():
                    if line.startswith("id: "):
                        self.came[session][line.removeprefix("id: ")].append(time.time())
        except TimeoutError:
            return
        except httpx.HTTPError as error:
            self.statuses[f"stream {type(error).__name__}"] += 1


if __name__ == "__main__":
    _, url, clients, seconds, streams, finished, *sessions = sys.argv
    all_of_them = Clients(url, float(seconds), finished)
    asyncio.run(all_of_them.run(int(clients), int(streams), sessions))
    waited = sorted(all_of_them.waited)
    print(
        json.dumps(
            {
                "statuses": all_of_them.statuses,
                "waited": waited[len(waited) * 99 // 100],
                "came": all_of_them.came,
            }
        )
    )
