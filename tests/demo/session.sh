# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A private bus and a separate daemon, for the scripts beside this file; ended by process id.

session_dir=
bus_pid=
daemon_pid=

# start_bus DIRECTORY: a message bus known only to the scripts of this session
start_bus () {
  session_dir=$1
  mkdir -p "$session_dir"
  rm -f "$session_dir/bus"
  cat >"$session_dir/bus.conf" <<CONF
<busconfig>
  <type>session</type>
  <listen>unix:path=$session_dir/bus</listen>
  <policy context="default">
    <allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/>
  </policy>
</busconfig>
CONF
  # in a new session, so that Ctrl+C on this terminal does not end it
  setsid dbus-daemon --config-file="$session_dir/bus.conf" --nofork 2>>"$session_dir/bus.log" \
    </dev/null >/dev/null &
  bus_pid=$!
  wait_until 10 test -S "$session_dir/bus"
  export DBUS_SESSION_BUS_ADDRESS="unix:path=$session_dir/bus"
}

# wait_until SECONDS COMMAND…: until the command succeeds
wait_until () {
  local left=$(($1 * 20))
  shift
  until "$@" >/dev/null 2>&1; do
    ((left-- > 0)) || return 1
    sleep 0.05
  done
}

# has_owner: whether the service is on the bus
has_owner () {
  gdbus call --session --dest org.freedesktop.DBus --object-path /org/freedesktop/DBus \
    --method org.freedesktop.DBus.NameHasOwner org.sluice.Sluice1 | grep -q true
}

# start_daemon BUILD-DIRECTORY: sluiced with its state and log below the session's directory
start_daemon () {
  XDG_STATE_HOME=$session_dir/state XDG_CONFIG_HOME=$session_dir/config \
    setsid "$1/src/sluiced" --user 2>>"$session_dir/daemon.log" </dev/null >/dev/null &
  daemon_pid=$!
  if ! wait_until 10 has_owner; then
    cat "$session_dir/daemon.log" >&2
    echo 'The daemon did not come up.' >&2
    return 1
  fi
}

# owner_pid NAME: the process that has a name on the bus
owner_pid () {
  gdbus call --session --dest org.freedesktop.DBus --object-path /org/freedesktop/DBus \
    --method org.freedesktop.DBus.GetConnectionUnixProcessID "$1" | sed -nE 's/^\(uint32 ([0-9]+),\)$/\1/p'
}

# stop_pid PID: ends one process of this session and waits for it
stop_pid () {
  [[ -n ${1:-} ]] || return 0
  kill "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

stop_session () {
  stop_pid "$daemon_pid"
  stop_pid "$bus_pid"
  daemon_pid=
  bus_pid=
}
