canary "$EVIL/any"
attempt() { as mal --repo "--upload-pack=$EVIL/any" run --no-wait -- "$JOB"; }
