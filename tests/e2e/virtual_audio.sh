#!/usr/bin/env bash
# A loudspeaker and a microphone made of software, for a machine without a sound card (works as root in a container).
# Nothing outside one private folder is touched: $VIVA_AUDIO_DIR, by default /tmp/viva-audio.<user id>.
#
#   eval "$(virtual_audio.sh start)"   bring the sound server up and export what its clients need
#   virtual_audio.sh run COMMAND...    start, run the command with the variables set, stop, pass its status on
#   virtual_audio.sh env               the exports alone
#   virtual_audio.sh die | start       kill the sound server as a crash would | bring it back in the same folder
#   virtual_audio.sh freeze | thaw     stop it from answering | let it go on
#   virtual_audio.sh unplug | replug   take the microphone away | bring it back
#   virtual_audio.sh stop | status
#
#   speaker      default output             what programs play
#   speaker_tap  capture device             hears the speaker: "was the prompt really spoken?"
#   mic_feed     output                     plays a candidate's voice into the microphone
#   mic          default input              what the program under test records
#
# needs: pulseaudio pulseaudio-utils libasound2-plugins libportaudio2
set -euo pipefail

dir=${VIVA_AUDIO_DIR:-/tmp/viva-audio.$(id -u)}
rate=${VIVA_AUDIO_RATE:-48000} # a client at this rate gets its samples bit for bit, any other is resampled

exports() {
  cat <<E
export VIVA_AUDIO_DIR=$dir
export PULSE_SERVER=unix:$dir/native
export PULSE_RUNTIME_PATH=$dir/run
export PULSE_STATE_PATH=$dir/state
export PULSE_COOKIE=$dir/cookie
export PULSE_CLIENTCONFIG=$dir/client.conf
export ALSA_CONFIG_PATH=$dir/asound.conf
E
}

client() { (eval "$(exports)"; exec timeout 10 "$@"); }
daemon_pid() { cat "$dir/pid" 2>/dev/null; }
answers() { kill -0 "$(daemon_pid)" 2>/dev/null && client pactl info >/dev/null 2>&1; }

configure() {
  mkdir -p "$dir/run" "$dir/state"
  chmod 700 "$dir" "$dir/run"
  # Without autospawn=no, a client that finds the socket dead starts a second daemon of its own.
  printf 'autospawn = no\nenable-shm = no\n' >"$dir/client.conf"
  # A file of its own: the system's adds jack, oss and usb entries that print errors and list dead devices.
  {
    for name in speaker mic_feed speaker_tap mic; do
      echo "pcm.$name { type pulse device $name hint { show on description $name } }"
    done
    echo 'pcm.!default { type pulse hint { show on description default } }'
    echo 'ctl.!default { type pulse }'
  } >"$dir/asound.conf"
  # Recording goes through remap-sources: a bare monitor loses up to 13 ms at the start of every sound.
  cat >"$dir/daemon.pa" <<P
load-module module-native-protocol-unix auth-anonymous=1 socket=$dir/native
load-module module-null-sink sink_name=speaker format=s16le rate=$rate channels=1
load-module module-null-sink sink_name=mic_feed format=s16le rate=$rate channels=1
load-module module-remap-source source_name=mic master=mic_feed.monitor format=s16le rate=$rate channels=1 remix=no
load-module module-remap-source source_name=speaker_tap master=speaker.monitor format=s16le rate=$rate channels=1 remix=no
set-default-sink speaker
set-default-source mic
P
}

# An idle null sink renders two seconds ahead in one block, so whatever opens next loses its first sounds. A permanent
# reader with a short latency on each sink keeps the blocks short; wait until the first long block has been played.
keep_blocks_short() {
  local sink
  for sink in speaker mic_feed; do
    (eval "$(exports)"; exec parec --raw --latency-msec=20 --device="$sink.monitor" </dev/null >/dev/null 2>&1) &
    echo $! >>"$dir/readers"
  done
  for _ in $(seq 100); do
    client pactl list sinks | awk '/^\tLatency:/ && $2 > 100000 { late = 1 } END { exit late }' && return
    sleep 0.05
  done
  echo "virtual_audio: the sinks still run ahead, sounds may be cut at their start" >&2
}

start() {
  if ! answers; then
    end_processes
    configure
    (
      eval "$(exports)"
      unset DISPLAY DBUS_SESSION_BUS_ADDRESS
      export HOME=$dir XDG_RUNTIME_DIR=$dir/run
      exec pulseaudio -n -F "$dir/daemon.pa" --daemonize=no --exit-idle-time=-1 --use-pid-file=no --system=no \
        --realtime=no --high-priority=no --disable-shm=yes --log-target=file:"$dir/log" --log-level=notice \
        </dev/null >/dev/null 2>&1
    ) &
    echo $! >"$dir/pid"
    for _ in $(seq 100); do
      [ "$(client pactl get-default-source 2>/dev/null)" = mic ] && break
      sleep 0.05
    done
    if ! answers; then
      echo "virtual_audio: the sound server did not come up" >&2
      cat "$dir/log" >&2 || true
      return 1
    fi
    keep_blocks_short
  fi
  exports
}

end_processes() {
  local pid
  while read -r pid; do kill "$pid" 2>/dev/null || true; done < <(cat "$dir/readers" 2>/dev/null)
  pid=$(daemon_pid) || true
  if [ -n "$pid" ] && kill "$pid" 2>/dev/null; then
    kill -CONT "$pid" 2>/dev/null || true
    for _ in $(seq 60); do kill -0 "$pid" 2>/dev/null || break; sleep 0.05; done
    kill -9 "$pid" 2>/dev/null || true
  fi
  rm -f "$dir/pid" "$dir/readers" "$dir/native"
}

case "${1:-}" in
  start) start ;;
  env) exports ;;
  stop) end_processes; rm -rf "$dir" ;;
  status) answers && client pactl list short sinks && client pactl list short sources ;;
  die) kill -9 "$(daemon_pid)" ;;
  freeze) kill -STOP "$(daemon_pid)" ;;
  thaw) kill -CONT "$(daemon_pid)" ;;
  unplug) client pactl unload-module "$(client pactl list short modules | awk '/source_name=mic / { print $1 }')" ;;
  replug)
    client pactl load-module module-remap-source source_name=mic master=mic_feed.monitor format=s16le rate="$rate" channels=1 remix=no >/dev/null
    client pactl set-default-source mic
    ;;
  run)
    shift
    eval "$(start)"
    status=0
    "$@" || status=$?
    end_processes
    rm -rf "$dir"
    exit $status
    ;;
  *)
    sed -n '2,20s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac
