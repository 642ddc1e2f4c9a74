attempt() { as bot run --no-wait -- "$JOB" ""; }
