"""Many clients of a server at once, each asking again and again for something else.

python -m tests.scorecard.clients URL CLIENTS SECONDS

Prints how many answers of each status there were, as JSON.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter

import httpx

_PATHS = (
    "/api/v1/health",
    "/api/v1/problems",
    "/api/v1/frameworks",
    "/api/v1/sessions",
    "/api/v1/progress",
    "/",
    "/api/v1/sessions/20260101-000000-ffff",
)
_REST_SECONDS = (0.5, 2.0)


async def _ask(url: str, number: int, until: float, statuses: Counter[str]) -> None:
    chance = random.Random(number)
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
        while time.monotonic() < until:
            try:
                answer = await client.get(chance.choice(_PATHS))
                statuses[str(answer.status_code)] += 1
            except httpx.HTTPError as error:
                statuses[type(error).__name__] += 1
            await asyncio.sleep(chance.uniform(*_REST_SECONDS))


async def _all(url: str, clients: int, seconds: float) -> Counter[str]:
    statuses: Counter[str] = Counter()
    until = time.monotonic() + seconds
    await asyncio.gather(*(_ask(url, number, until, statuses) for number in range(clients)))
    return statuses


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_all(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))))
