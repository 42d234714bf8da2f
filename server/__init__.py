"""The HTTP API: everything the command line can do, for programs on the same machine."""
