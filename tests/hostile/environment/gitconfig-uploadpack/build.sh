canary "$EVIL/pack"
printf '[remote "origin"]\n\turl = %s\n\tuploadpack = %s\n\treceivepack = %s\n[uploadpack]\n\tpackObjectsHook = %s\n' "$REMOTE" "$EVIL/pack" "$EVIL/pack" "$EVIL/pack" >"$HOME/.gitconfig"
check() { rm "$HOME/.gitconfig"; }
attempt() { as bot verify --full >"$EVIL/verify.log" && as bot resume --wait 0s "$ID"; }
