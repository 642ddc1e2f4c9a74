export HOME="$EVIL"
