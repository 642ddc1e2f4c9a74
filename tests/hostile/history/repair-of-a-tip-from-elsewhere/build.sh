take "$TIP"
orphan=$(commit)
push main "$(git commit-tree -m x -p "$MAIN" -p "$orphan" "$MAIN^{tree}")"
