canary "$EVIL/any"
printf '[protocol]\n\tallow = always\n' >"$HOME/.gitconfig"
check() { rm "$HOME/.gitconfig"; }
attempt() { as mal join "ext::$EVIL/any" --root "$ROOT"; }
