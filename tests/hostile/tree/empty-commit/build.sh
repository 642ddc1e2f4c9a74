take "$MAIN"
push main "$(commit "$MAIN")"
