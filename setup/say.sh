# What set-up tells its user. Everything goes to stderr; details go to logs in .setup/.

say() {
    printf '%s\n' "$*" >&2
}

# One line, and the end.
fail() {
    say "Set-up stopped: $*"
    exit 1
}

# watched LABEL LOG COMMAND...: run a command that may take long, its output into LOG. On a terminal its last
# line of output is shown as it goes, elsewhere a line now and then.
watched() {
    label=$1
    log=$2
    shift 2
    say "$label"
    "$@" >"$log" 2>&1 </dev/null &
    child=$!
    trap 'kill "$child" 2>/dev/null; say "Interrupted: run make again to go on."; exit 130' INT TERM HUP
    seconds=0
    while kill -0 "$child" 2>/dev/null; do
        sleep 1
        seconds=$((seconds + 1))
        if [ -t 2 ]; then
            printf '\r\033[K  %s s  %s' "$seconds" "$(tail -n 1 "$log" | cut -c 1-60)" >&2
        elif [ $((seconds % 15)) -eq 0 ]; then
            say "  $seconds s  $(tail -n 1 "$log" | cut -c 1-60)"
        fi
    done
    trap - INT TERM HUP
    [ ! -t 2 ] || printf '\r\033[K' >&2
    wait "$child"
}
