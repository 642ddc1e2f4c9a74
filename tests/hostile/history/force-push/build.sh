take "$OLDER"
echo x | put README.md
push main "$(commit "$OLDER")"
