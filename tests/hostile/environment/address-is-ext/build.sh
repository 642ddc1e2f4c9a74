canary "$EVIL/any"
attempt() { as mal --repo "ext::$EVIL/any" run --no-wait -- "$JOB"; }
