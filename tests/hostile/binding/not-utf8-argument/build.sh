attempt() { as bot run --no-wait -- "$JOB" "$(printf '\376')"; }
