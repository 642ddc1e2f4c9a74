canary "$EVIL/any"
attempt() { as mal --repo "ssh://-oProxyCommand=$EVIL%2fany/p" run --no-wait -- "$JOB"; }
