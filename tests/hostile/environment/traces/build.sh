for name in GIT_TRACE GIT_TRACE2_EVENT GIT_TRACE_PACKET GIT_TRACE_SETUP GIT_TRACE_CURL; do export "$name=$CANARY"; done
attempt() { as bot verify --full >"$EVIL/verify.log" && as bot resume --wait 0s "$ID"; }
