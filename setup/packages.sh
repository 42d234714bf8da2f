# Python packages, exactly those of the lock files, and the project itself.

# Changes whenever one of the files does.
key_of() {
    cat "$@" | cksum
}

is_done() {
    [ "$(cat ".venv/.stamps/$1" 2>/dev/null)" = "$2" ]
}

# install_packages practice|test. The tests' packages include those for practice, in the same versions.
install_packages() {
    runtime=$(key_of requirements.lock)
    development=$(key_of requirements-dev.lock)
    if [ "$1" = test ]; then
        is_done development "$development" || {
            install_locked requirements-dev.lock
            printf '%s\n' "$development" >.venv/.stamps/development
            printf '%s\n' "$runtime" >.venv/.stamps/runtime
        }
    else
        is_done runtime "$runtime" || {
            install_locked requirements.lock
            printf '%s\n' "$runtime" >.venv/.stamps/runtime
        }
    fi
    project=$(key_of pyproject.toml)
    is_done project "$project" || {
        pip_install 'Installing Vivavoce into .venv' --no-deps --no-build-isolation --editable .
        printf '%s\n' "$project" >.venv/.stamps/project
    }
}

install_locked() {
    pip_install "Installing the Python packages of $1 into .venv" --require-hashes --requirement "$1"
}

pip_install() {
    label=$1
    shift
    watched "$label" .setup/packages.log .venv/bin/python -m pip install --no-input --disable-pip-version-check \
        --progress-bar off "$@" || fail "$(why_pip_failed)"
}

why_pip_failed() {
    if grep -q 'No space left on device' .setup/packages.log; then
        echo 'the disk is full. Free about 1 GB and run make again.'
    elif grep -q 'DO NOT MATCH THE HASHES' .setup/packages.log; then
        echo 'a package is not the one that was locked, so it was not installed. Details are in .setup/packages.log.'
    else
        echo "Python packages could not be installed ($(grep '^ERROR' .setup/packages.log | head -n 1 | cut -c 8-160))." \
            'Check the network connection and run make again; details are in .setup/packages.log.'
    fi
}
