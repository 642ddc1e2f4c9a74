cd "$EVIL"
rm -r "$WORK"
