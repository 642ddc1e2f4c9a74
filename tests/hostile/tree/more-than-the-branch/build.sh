take "$MAIN"
keep "$TIP" "$DIR"
echo x | put "$DIR/claim.toml"
push main "$(commit "$MAIN" "$TIP")"
