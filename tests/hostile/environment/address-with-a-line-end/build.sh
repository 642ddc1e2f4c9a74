canary "$EVIL/any"
printf '[protocol]\n\tallow = always\n' >"$HOME/.gitconfig"
check() { rm "$HOME/.gitconfig"; }
attempt() { as mal --repo "$(printf '%s\n%s' "$REMOTE" evil)" run --no-wait -- "$JOB"; }
