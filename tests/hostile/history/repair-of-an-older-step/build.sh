push main "$(git commit-tree -m x -p "$MAIN" -p "$OLDER" "$MAIN^{tree}")"
