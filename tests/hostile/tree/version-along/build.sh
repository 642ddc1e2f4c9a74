take "$MAIN"
keep "$TIP" "$DIR"
echo x | put policy/000002/config.toml
push main "$(commit "$MAIN" "$TIP")"
