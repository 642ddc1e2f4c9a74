canary "$EVIL/any"
printf '[protocol]\n\tallow = always\n' >"$HOME/.gitconfig"
check() { rm "$HOME/.gitconfig"; }
attempt() { as mal --repo "ssh://-oProxyCommand=$EVIL%2fany/p" run --no-wait -- "$JOB"; }
