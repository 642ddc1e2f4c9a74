canary "$EVIL/any"
attempt() { as mal --repo "$(printf '%s\n%s' "$REMOTE" evil)" run --no-wait -- "$JOB"; }
