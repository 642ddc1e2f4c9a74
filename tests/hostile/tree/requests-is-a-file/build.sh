take "$MAIN"
git rm -r -q --cached requests
echo x | put requests
push main "$(commit "$MAIN" "$TIP")"
