take "$TIP"
echo x | put "$DIR/notes.md"
append
