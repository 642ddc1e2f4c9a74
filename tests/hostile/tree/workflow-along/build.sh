take "$MAIN"
keep "$TIP" "$DIR"
echo x | put .github/workflows/x.yml
push main "$(commit "$MAIN" "$TIP")"
