"""What the candidate writes down while the session runs: requirements, numbers, what to come back to."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from server.problem_details import Refused
from server.routes.corrections import Note, Second
from server.services import Here

router = APIRouter(tags=["sessions"], prefix="/sessions")


@dataclass(frozen=True, slots=True)
class WrittenNote:
    """at: of an earlier note, which this one replaces or, if empty, takes back; without it, the note is of just now."""

    text: Annotated[str, Field(max_length=4000, examples=["Answer within 200 ms"])]
    at: Second | None = None


@router.post("/{id}/notes", status_code=201, summary="A note while the session runs")
def write_note(id: str, note: WrittenNote, here: Here) -> Note:
    """It becomes an event of the session, `note_written`, and stands among the report's notes.

    409 before the session listens and after its end; then notes are corrections.
    """
    here.store.folder(id)
    text = note.text.strip()
    if note.at is None and not text:
        raise Refused(422, "empty-note", "A new note needs a text", "Write something, or name the note to take back")
    live = here.live(id)
    written = None if live is None else live.note(text, note.at)
    if written is None:
        raise Refused(
            409,
            "session-not-running",
            f"Session {id} takes no notes just now",
            "Write them while it listens; after its end send them to sessions/{id}/corrections/notes",
        )
    return Note(written.at, written.text)
