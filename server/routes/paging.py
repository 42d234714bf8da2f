"""How lists are asked for, a part at a time."""

from typing import Annotated

from fastapi import Query

MOST = 1000
Limit = Annotated[int, Query(ge=1, le=MOST)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
USUAL_LIMIT = 100
