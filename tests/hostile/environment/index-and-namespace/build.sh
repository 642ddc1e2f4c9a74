printf "%040d\n" 0 >"$EVIL/shallow"
export GIT_NAMESPACE=evil GIT_INDEX_FILE="$EVIL/index" GIT_SHALLOW_FILE="$EVIL/shallow" GIT_GRAFT_FILE="$EVIL/shallow"
attempt() { as bot verify --full >"$EVIL/verify.log" && as bot resume --wait 0s "$ID"; }
