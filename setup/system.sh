# Libraries and programs from the system's own package manager.

# Things, by what they are for; names differ between package managers.
#   portaudio: microphone and loudspeaker (on macOS the sounddevice package brings it)
#   espeak: the interviewer's voice
#   venv: Python environments, a module that Debian splits off
#   pulseaudio pulse-tools alsa-plugins alsa-tools: the tests' virtual loudspeaker and microphone
#   chromium: the browser in which the tests look at the pages
has() {
    case $1 in
    portaudio) [ "$(uname)" = Darwin ] || has_library libportaudio.so.2 ;;
    espeak) command -v espeak-ng ;;
    venv) [ "$python" = .venv/bin/python ] || makes_environments "$python" ;;
    pulseaudio) command -v pulseaudio ;;
    pulse-tools) command -v pactl ;;
    alsa-plugins) ls /usr/lib*/alsa-lib/libasound_module_pcm_pulse.so /usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so |
        grep . ;;
    alsa-tools) command -v aplay ;;
    chromium) command -v chromium || command -v chromium-browser || command -v google-chrome ;;
    esac >/dev/null 2>&1
}

has_library() {
    PATH="$PATH:/sbin:/usr/sbin" ldconfig -p | grep -F "$1"
}

package_of() {
    case $manager:$1 in
    apt:portaudio) echo libportaudio2 ;;
    apt:venv) echo "python$(python_version)-venv" ;;
    apt:pulse-tools | dnf:pulse-tools) echo pulseaudio-utils ;;
    apt:alsa-plugins) echo libasound2-plugins ;;
    dnf:alsa-plugins) echo alsa-plugins-pulseaudio ;;
    *:alsa-tools) echo alsa-utils ;;
    *:espeak) echo espeak-ng ;;
    *:venv) echo "python$(python_version)" ;;
    *) echo "$1" ;;
    esac
}

find_manager() {
    manager=none
    for candidate in apt-get dnf brew; do
        if command -v "$candidate" >/dev/null 2>&1; then
            manager=${candidate%-get}
            break
        fi
    done
    case $manager in
    apt) install='apt-get install -y --no-install-recommends' ;;
    dnf) install='dnf install -y' ;;
    brew) install='brew install' ;;
    none) install='' ;;
    esac
}

# install_system_libraries practice|test: practice does without what cannot be installed, the tests do not.
install_system_libraries() {
    find_manager
    wanted='portaudio espeak'
    [ "$(uname)" = Darwin ] || [ "$1" = practice ] || wanted="$wanted pulseaudio pulse-tools alsa-plugins alsa-tools chromium"
    wanted="$wanted venv"
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    try_to_install $missing
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    if [ "$1" = practice ] && has venv; then
        say "Going on without $missing: some of microphone, loudspeaker and voice will be missing. To have them: $advice"
    else
        fail "these are missing and needed: $missing. To have them: $advice"
    fi
}

missing_packages() {
    for thing in $wanted; do
        has "$thing" || package_of "$thing"
    done | tr '\n' ' ' | sed 's/ $//'
}

# Leaves in $advice what the user can do when it did not work.
try_to_install() {
    if [ "$manager" = none ]; then
        advice='install them with the package manager of this system, then run make again.'
        return
    fi
    as_root=''
    advice="run \`$install $*\`, then make again."
    if [ "$manager" != brew ] && [ "$(id -u)" -ne 0 ]; then
        advice="run \`sudo $install $*\`, then make again."
        sudo -n true >/dev/null 2>&1 || return 0
        as_root='sudo -n'
    fi
    if [ "$manager" = apt ]; then
        # Fresh containers have no package lists. A failure here shows when installing.
        watched 'Reading the package lists' .setup/system.log $as_root apt-get update || :
        install="env DEBIAN_FRONTEND=noninteractive $install -o DPkg::Lock::Timeout=60"
    fi
    watched "Installing $*" .setup/system.log $as_root $install "$@" ||
        say "$manager failed: $(grep -E '^(E:|Error)' .setup/system.log | head -n 1) (all of it in .setup/system.log)"
}
