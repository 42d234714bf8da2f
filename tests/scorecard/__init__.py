"""The scorecard: claims of what is held, survived and refused, each tried for real and measured.

`make test` runs every row small, `make scorecard` runs all of them at nightly size and writes docs/reliability.md.

A row is a test with one of the markers `hostile` (B: bad input), `fault` (F: something fails) or `load` (L: much at
once). It says through the fixture `claim` what it claims and what it measured; a value beyond its bound fails:

    @pytest.mark.fault
    def test_no_word_is_lost_when_the_server_is_killed(claim: Claim, sized: Sized, scratch: Path) -> None:
        row = claim("F1", "Killed at any moment, a session keeps what was said")
        for moment in range(sized(20, 200)):
            ...
        row.tried(f"{moment + 1} kill -9 at random moments")
        row.at_most("sound lost", lost_ms, 100, "ms")
        row.within("time until the last word was there", seconds, 2)
        row.at_least("sessions finished by the next start", finished, moment + 1)

Several tests may measure for one row: they name the same id. `sized(ci, nightly)` chooses how much is tried. Random
choices come from a fixed seed. Everything is real: processes (`processes.py` tells their memory, files and
threads), sockets, files; the fixture `served` is a server whose temporary folder and terminal are looked at in the
end. A row that cannot be tried on such a machine stands in `untried.toml` with why, and how it would be.

`make scorecard ROWS=tests/scorecard/test_bombs.py` measures a part again; the other rows keep their last values,
which are in `measured.json`.
"""
