/**
 * A shell script that runs a command once, however often it is started with the same folder, and survives whoever
 * started it: the folder's creation is the lock, the exit status ends up in `rc`. It prints the status and the end of
 * the output, when the command has ended, or `gone` when its process vanished without a status (a reboot).
 */
export const ONCE_SCRIPT = `
dir=$1
mkdir -p "$(dirname "$dir")" || exit 70
if mkdir -m 700 "$dir" 2>/dev/null; then
  cat > "$dir/command"
  ( trap '' HUP INT
    sh "$dir/command" > "$dir/out" 2>&1 < /dev/null
    echo $? > "$dir/rc.new" && mv "$dir/rc.new" "$dir/rc"
  ) > /dev/null 2>&1 < /dev/null &
  echo $! > "$dir/pid"
fi
if [ -f "$dir/rc" ]; then
  echo "ended $(cat "$dir/rc")"; tail -c 2000 "$dir/out" 2>/dev/null
elif [ -f "$dir/pid" ] && ! kill -0 "$(cat "$dir/pid")" 2>/dev/null && [ ! -f "$dir/rc" ]; then
  echo gone
else
  echo running
fi
`;

/** Ends what the script has started. */
export const STOP_SCRIPT = `
dir=$1
[ -f "$dir/pid" ] && [ ! -f "$dir/rc" ] && pid=$(cat "$dir/pid") && { pkill -TERM -P "$pid"; kill -TERM "$pid"; } 2>/dev/null
exit 0
`;
