mkdir other
cd other
attempt() { as bot run --no-wait -- "$JOB"; }
