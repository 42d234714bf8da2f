"""Multipart forms with one file, within limits."""

import logging
from collections.abc import Collection

from fastapi import Request
from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile

from server.problem_details import InputError, Refused

_LONGEST_FIELD = 64_000

# What is wrong with a form is told to whoever sent it, not to the terminal of whoever serves.
logging.getLogger("python_multipart").setLevel(logging.ERROR)


def media_type(request: Request) -> str:
    """The body's media type, in lower case, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_form(request: Request, names: Collection[str]) -> tuple[UploadFile, dict[str, str]]:
    """The form's `file` and its other fields. names: those there may be; of repeated ones the last counts.

    Larger files are on disk, not in memory. Raises Refused for a form that is broken, has no file, or other fields.
    """
    try:
        form = await request.form(max_files=1, max_fields=len(names) + 10, max_part_size=_LONGEST_FIELD)
    except (FormParserError, UnicodeDecodeError, LookupError) as error:
        raise Refused(400, "bad-form", "The form cannot be read", "Send multipart/form-data") from error
    upload = form.get("file")
    if not isinstance(upload, UploadFile):
        what = "The form has no file"
        raise Refused(
            422,
            "missing-file",
            what,
            "Send the recording or transcript as `file`",
            errors=[InputError(what, pointer="#/file")],
        )
    fields = {name: value for name, value in form.multi_items() if name != "file" and isinstance(value, str)}
    if unknown := sorted(set(fields) - set(names)):
        errors = [InputError("There is no such field", pointer=f"#/{name[:80]}") for name in unknown]
        what = f"The form has a field {unknown[0][:80]!r} that is not known here"
        raise Refused(422, "unknown-field", what, f"Fields are file, {', '.join(names)}", errors=errors)
    return upload, fields
