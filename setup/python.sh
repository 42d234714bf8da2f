# Finding a Python, and making .venv with it.

# Python versions for which every locked package has a wheel.
suits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1
}

makes_environments() {
    "$1" -c 'import venv, ensurepip; ensurepip.version()' >/dev/null 2>&1
}

# Sets $python to one that can make environments where there is one, else to any that suits.
find_python() {
    python=''
    for candidate in python3 python3.13 python3.12 python3.11 python3.14 python; do
        suits "$candidate" || continue
        [ -n "$python" ] || python=$candidate
        if makes_environments "$candidate"; then
            python=$candidate
            return
        fi
    done
    [ -n "$python" ] || fail "no Python 3.11 to 3.14 was found. Install one" \
        "(Debian, Ubuntu: apt-get install python3; Fedora: dnf install python3; macOS: brew install python) and run make again."
}

python_version() {
    "$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'
}

environment_stands() {
    # Programs in .venv/bin name the folder they were installed in: a moved copy needs a new environment.
    [ "$(cat .venv/.stamps/folder 2>/dev/null)" = "$PWD" ] && suits .venv/bin/python
}

make_environment() {
    if [ ! -e .venv/.stamps/folder ] && suits .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; then
        : # made by hand, and in order
    else
        makes_environments "$python" || fail "$python cannot make virtual environments." \
            "Install its venv module (Debian, Ubuntu: apt-get install python$(python_version)-venv) and run make again."
        watched "Making .venv with $python" .setup/venv.log "$python" -m venv --clear .venv ||
            fail "$python could not make .venv: $(tail -n 1 .setup/venv.log)"
    fi
    mkdir -p .venv/.stamps
    printf '%s\n' "$PWD" >.venv/.stamps/folder
}
