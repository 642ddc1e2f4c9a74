canary "$EVIL/ssh"
export GIT_SSH_COMMAND="$EVIL/ssh" GIT_SSH="$EVIL/ssh" GIT_PROXY_COMMAND="$EVIL/ssh"
attempt() { as bot join ssh://nowhere.invalid/p.git --root "$ROOT" 2>join.log || as bot resume --wait 0s "$ID"; }
