"""Where the `viva` program begins; from here on Ctrl-C ends it without a traceback, also while it is still being loaded."""

import sys


def main() -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    try:
        from assistant.command_line import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
