git init -q --bare "$EVIL/repo"
canary "$EVIL/repo/hooks/reference-transaction"
export GIT_DIR="$EVIL/repo" GIT_WORK_TREE="$EVIL" GIT_COMMON_DIR="$EVIL/repo"
attempt() { as bot verify --full >"$EVIL/verify.log" && as bot resume --wait 0s "$ID"; }
