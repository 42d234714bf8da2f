"""The pages people look at: server-rendered, with small modules of script that talk to the API like any program."""
