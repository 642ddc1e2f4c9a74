take "$MAIN"
keep "$TIP^" "$DIR"
push main "$(commit "$MAIN" "$TIP")"
