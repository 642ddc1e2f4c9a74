ask() { as bot run --no-wait -- "$JOB" "from to"; }
