approved
good=$MAIN
claimed bot
land
push main "$(git commit-tree -m x -p "$good" -p "$MAIN" "$good^{tree}")"
