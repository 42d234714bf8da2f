"""`python -m server`: the server alone, as `viva serve` runs it."""

import argparse
import sys
from pathlib import Path

from assistant.settings import data_dir
from assistant.store import Store
from prompts.errors import UserError
from prompts.problems import use_own


def main() -> int:
    """Run until interrupted; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    parser.add_argument("--allow-remote", action="store_true", help="let in other machines that know the token")
    parser.add_argument("--port", type=int, default=8765, help="0 for any that is free (default: %(default)s)")
    parser.add_argument("--data-dir", type=Path, help="where sessions are kept")
    parser.add_argument("--model", default="base", help="weights for speech recognition (default: %(default)s)")
    given = parser.parse_args()
    from server.app import serve

    try:
        store = Store(data_dir(given.data_dir))
        use_own(store.root)
        serve(store, given.host, given.port, lambda url: print(url, flush=True), given.model, given.allow_remote)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
