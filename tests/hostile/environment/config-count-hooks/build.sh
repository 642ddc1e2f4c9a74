for hook in reference-transaction pre-push post-checkout; do canary "$EVIL/hooks/$hook"; done
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0="$EVIL/hooks"
attempt() { as bot verify --full >"$EVIL/verify.log" && as bot resume --wait 0s "$ID"; }
