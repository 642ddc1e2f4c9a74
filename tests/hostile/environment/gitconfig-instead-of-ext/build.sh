canary "$EVIL/any"
printf '[url "ext::%s "]\n\tinsteadOf = %s\n' "$EVIL/any" "$REMOTE" >"$HOME/.gitconfig"
check() { rm "$HOME/.gitconfig"; }
