take "$OLDER"
echo x | put README.md
side=$(commit "$OLDER")
push main "$(commit "$side" "$MAIN")"
