take "$MAIN"
keep "$TIP" "$DIR"
echo x | put requests/2026/11/23/00000000000000000000000000000000/request.toml
push main "$(commit "$MAIN" "$TIP")"
