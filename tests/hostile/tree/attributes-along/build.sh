take "$MAIN"
keep "$TIP" "$DIR"
echo x | put .gitattributes
push main "$(commit "$MAIN" "$TIP")"
