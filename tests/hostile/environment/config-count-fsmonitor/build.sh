canary "$EVIL/monitor"
export GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=core.fsmonitor GIT_CONFIG_VALUE_0="$EVIL/monitor" GIT_CONFIG_KEY_1=core.sshCommand GIT_CONFIG_VALUE_1="$EVIL/monitor"
attempt() { as bot verify --full >"$EVIL/verify.log" && as bot resume --wait 0s "$ID"; }
