canary "$EVIL/any"
attempt() { as mal --repo fd::3 run --no-wait -- "$JOB"; }
