approved
claimed bot
land
take "$TIP"
outcome bot 'ending = "executed"' 'exit = 0' "started = \"$NOW\"" 'duration_ms = 1' 'pin = "checked"' >outcome.toml
record outcome.toml outcome.toml bot outcome
append
land
take "$TIP"
echo x | put "$DIR/notes.md"
append
land
