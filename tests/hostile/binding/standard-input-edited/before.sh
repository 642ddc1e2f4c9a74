echo text >input
ask() { as bot run --no-wait --stdin input -- "$JOB"; }
