mv "$BIN/$JOB" "$WORK/real"
ln -s "$WORK/real" "$BIN/$JOB"
