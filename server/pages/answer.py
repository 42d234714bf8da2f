"""How a page is answered: a template, the menu, and a policy that allows nothing but our own files."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse

from analysis.render.html import FOLDER as REPORT_FOLDER
from analysis.render.html import environment
from prompts.vocabulary import LEVELS, STAGES

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_MENU = (
    ("/", "Practise"),
    ("/problems", "Problems"),
    ("/sessions", "Sessions"),
    ("/progress", "Progress"),
    ("/analyses", "Analyze"),
)


def page(template: str, path: str, status: int = 200, /, **shown: Any) -> HTMLResponse:
    """A template as a response. path: the address it is for, which the menu marks. shown: what the template shows."""
    return answer(text_of(template, path, **shown), status)


def text_of(template: str, path: str, /, **shown: Any) -> str:
    """The same as text, for `answer`."""
    here = max((at for at, _ in _MENU if path == at or path.startswith(f"{at}/")), key=len, default="")
    return _environment().get_template(template).render(menu=_MENU, here=here, **shown)


def compile_templates() -> None:
    """Compile them all, so that nobody who asks for a page has to wait for that."""
    for name in _environment().list_templates(extensions=("html",)):
        _environment().get_template(name)


def answer(text: str, status: int = 200) -> HTMLResponse:
    """A page as a response."""
    return HTMLResponse(text, status, {"content-security-policy": _POLICY})


@cache
def _environment() -> "Environment":
    made = environment(_TEMPLATES, REPORT_FOLDER)
    made.globals |= {"levels": LEVELS, "stages": STAGES}
    return made
