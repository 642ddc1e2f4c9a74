mkdir -p "$EVIL/objects"
export GIT_OBJECT_DIRECTORY="$EVIL/objects" GIT_ALTERNATE_OBJECT_DIRECTORIES="$EVIL/objects" GIT_QUARANTINE_PATH="$EVIL/objects"
attempt() { as bot verify --full >"$EVIL/verify.log" && as bot resume --wait 0s "$ID"; }
