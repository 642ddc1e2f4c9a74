canary "$EVIL/gpg"
printf '[commit]\n\tgpgSign = true\n[push]\n\tgpgSign = true\n[gpg]\n\tprogram = %s\n[gpg "ssh"]\n\tprogram = %s\n\tdefaultKeyCommand = %s\n' "$EVIL/gpg" "$EVIL/gpg" "$EVIL/gpg" >"$HOME/.gitconfig"
check() { rm "$HOME/.gitconfig"; }
attempt() { as bot verify --full >"$EVIL/verify.log" && as bot resume --wait 0s "$ID"; }
