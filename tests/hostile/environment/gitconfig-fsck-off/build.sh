printf '[transfer]\n\tfsckObjects = false\n[fetch]\n\tfsckObjects = false\n[fetch "fsck"]\n\thasDotdot = ignore\n\tduplicateEntries = ignore\n' >"$HOME/.gitconfig"
check() { rm "$HOME/.gitconfig"; }
attempt() { as bot verify --full >"$EVIL/verify.log" && as bot resume --wait 0s "$ID"; }
