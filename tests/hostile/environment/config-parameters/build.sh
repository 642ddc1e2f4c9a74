canary "$EVIL/pack"
export GIT_CONFIG_PARAMETERS="'core.hooksPath'='$EVIL' 'remote.$REMOTE.uploadpack'='$EVIL/pack' 'uploadpack.packObjectsHook'='$EVIL/pack'"
attempt() { as bot verify --full >"$EVIL/verify.log" && as bot resume --wait 0s "$ID"; }
