as bot resume --wait 0s "$ID"
rm -r "$HOMES"/bot/state/repos/*/journal
