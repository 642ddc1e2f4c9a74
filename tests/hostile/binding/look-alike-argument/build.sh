attempt() { as bot run --no-wait -- "$JOB" "$(printf '\320\260')"; }
