canary "$EVIL/pack"
printf '[remote "origin"]\n\turl = %s\n\tuploadpack = %s\n\treceivepack = %s\n[uploadpack]\n\tpackObjectsHook = %s\n' "$REMOTE" "$EVIL/pack" "$EVIL/pack" "$EVIL/none" >"$HOME/.gitconfig"
check() { rm "$HOME/.gitconfig"; }
attempt() { as bot verify --full >verify.log && as bot resume --wait 0s "$ID"; }
