canary "$EVIL/any"
printf '[protocol]\n\tallow = always\n' >"$HOME/.gitconfig"
check() { rm "$HOME/.gitconfig"; }
attempt() { as mal --repo "--upload-pack=$EVIL/any" run --no-wait -- "$JOB"; }
