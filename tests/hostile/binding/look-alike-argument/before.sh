ask() { as bot run --no-wait -- "$JOB" a; }
