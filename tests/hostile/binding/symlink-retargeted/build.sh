canary "$EVIL/other"
ln -sfn "$EVIL/other" "$BIN/$JOB"
