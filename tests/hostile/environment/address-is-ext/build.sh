canary "$EVIL/any"
printf '[protocol]\n\tallow = always\n' >"$HOME/.gitconfig"
check() { rm "$HOME/.gitconfig"; }
attempt() { as mal --repo "ext::$EVIL/any" run --no-wait -- "$JOB"; }
