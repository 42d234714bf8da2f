"""What is wrong with a call of a tool of `viva mcp`, told as the API tells it: the same kinds and words, as data and text.

Needs the optional SDK, so whoever imports this is prepared to go without.
"""

import json
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, InputRequiredResult, TextContent
from pydantic import ValidationError
from starlette.responses import Response

from prompts.errors import UserError
from server.problem_details import invalid_request, problem_of


class ToolServer(MCPServer[dict[str, object]]):
    """The SDK's server, whose refused calls carry problem details; what nobody foresaw is left to the SDK."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[dict[str, object], Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """The tool's answer, or what was wrong with the call."""
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            match error.__cause__:
                case UserError() as cause:
                    return _refused(problem_of(cause, named_in_path=True))
                case ValidationError() as cause:
                    mistakes = cause.errors(include_input=False, include_url=False)
                    return _refused(invalid_request(mistakes, "The tool's schema says what it takes"))
            raise


def _refused(response: Response) -> CallToolResult:
    problem = json.loads(bytes(response.body))
    words = f"{problem['detail']}. {problem['fix']}."
    return CallToolResult(content=[TextContent(text=words)], structured_content=problem, is_error=True)
