push main "$(git commit-tree -m x -p "$OLDER" -p "$MAIN" "$MAIN^{tree}")"
