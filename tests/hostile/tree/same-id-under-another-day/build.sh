take "$MAIN"
keep "$TIP" "$DIR"
echo x | put "requests/1999/01/01/$ID/request.toml"
push main "$(commit "$MAIN" "$TIP")"
