take "$MAIN"
keep "$TIP" "$DIR"
echo x | put .gitmodules
push main "$(commit "$MAIN" "$TIP")"
