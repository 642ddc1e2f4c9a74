ask() { as bot run --no-wait -- "$JOB" "$(printf '\377')"; }
