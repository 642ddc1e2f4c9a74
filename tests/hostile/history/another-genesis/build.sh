take "$FIRST"
echo x | put x
push main "$(commit)"
