take "$MAIN"
keep "$TIP" "$DIR"
echo x | put "$DONE/outcome.toml"
push main "$(commit "$MAIN" "$TIP")"
