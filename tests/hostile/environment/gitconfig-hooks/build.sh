for hook in reference-transaction pre-push; do canary "$EVIL/hooks/$hook"; done
printf '[core]\n\thooksPath = %s\n\tfsmonitor = %s\n\talternateRefsCommand = %s\n' "$EVIL/hooks" "$EVIL/hooks/pre-push" "$EVIL/hooks/pre-push" >"$HOME/.gitconfig"
check() { rm "$HOME/.gitconfig"; }
attempt() { as bot verify --full >"$EVIL/verify.log" && as bot resume --wait 0s "$ID"; }
