#!/bin/sh
# setup.sh practice|test: everything either needs, from the system's libraries to the weights.
# What is already there is left alone, so that running it again costs a second.
set -eu
cd "$(dirname "$0")/.."
. setup/say.sh
. setup/python.sh
. setup/system.sh
. setup/packages.sh

kind=${1:?practice or test}
mkdir -p .setup
if environment_stands; then
    python=.venv/bin/python
    install_system_libraries "$kind"
else
    find_python
    install_system_libraries "$kind"
    make_environment
fi
install_packages "$kind"
if [ "$kind" = test ]; then
    .venv/bin/python -m models pull base en-core-web-sm minilm tiny.en
else
    .venv/bin/python -m models pull
fi
