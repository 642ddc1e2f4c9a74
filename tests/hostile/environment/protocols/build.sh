canary "$EVIL/any"
export GIT_ALLOW_PROTOCOL=ext:file GIT_PROTOCOL_FROM_USER=1
attempt() { as bot join "ext::$EVIL/any" --root "$ROOT" 2>join.log || as bot resume --wait 0s "$ID"; }
