(cat "$BIN/$JOB"; echo "echo evil") >new
cat new >"$BIN/$JOB"
