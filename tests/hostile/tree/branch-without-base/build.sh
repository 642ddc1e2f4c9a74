take "$TIP"
orphan=$(commit)
take "$MAIN"
keep "$TIP" "$DIR"
push main "$(commit "$MAIN" "$orphan")"
