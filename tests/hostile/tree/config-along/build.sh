take "$MAIN"
keep "$TIP" "$DIR"
echo x | put config.toml
push main "$(commit "$MAIN" "$TIP")"
