"""`python -m models pull [ID...]` and `verify [ID...]`: weights before there is a `viva` command to ask."""

import argparse
import sys

from models.fetch import fetch
from models.manifest import default_weights
from models.progress import progress
from models.store import verify
from prompts.errors import UserError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 done, 1 failed with one line on stderr, 2 wrong usage, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="python -m models", description="Fetch and check model weights.")
    parser.add_argument("command", choices=("pull", "verify"))
    parser.add_argument("ids", nargs="*", metavar="ID", help="which weights (default: all that practice needs)")
    options = parser.parse_args(arguments)
    ids = options.ids or default_weights()
    try:
        if options.command == "verify":
            for id in ids:
                print(f"{id}: {verify(id)}")
        else:
            with progress(sys.stderr) as report:
                for id in ids:
                    fetch(id, report)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
