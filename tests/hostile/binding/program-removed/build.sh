rm "$BIN/$JOB"
