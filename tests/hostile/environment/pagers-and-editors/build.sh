canary "$EVIL/any"
for name in GIT_PAGER GIT_EDITOR GIT_SEQUENCE_EDITOR GIT_EXTERNAL_DIFF GIT_MERGE_AUTOEDIT PAGER EDITOR VISUAL BROWSER; do export "$name=$EVIL/any"; done
attempt() { as bot verify --full >"$EVIL/verify.log" && as bot resume --wait 0s "$ID"; }
