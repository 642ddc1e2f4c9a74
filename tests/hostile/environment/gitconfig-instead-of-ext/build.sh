canary "$EVIL/any"
printf '[protocol "ext"]\n\tallow = always\n[url "ext::%s "]\n\tinsteadOf = %s\n' "$EVIL/any" "$REMOTE" >"$HOME/.gitconfig"
check() { rm "$HOME/.gitconfig"; }
