export GIT_REPLACE_REF_BASE=refs/heads/ GIT_NO_REPLACE_OBJECTS=
attempt() { as bot verify --full >"$EVIL/verify.log" && as bot resume --wait 0s "$ID"; }
