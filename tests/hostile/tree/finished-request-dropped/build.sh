take "$MAIN"
keep "$TIP" "$DIR"
git rm -r -q --cached "$DONE"
echo x | put requests/2026/11/22/00000000000000000000000000000000/request.toml
push main "$(commit "$MAIN" "$TIP")"
