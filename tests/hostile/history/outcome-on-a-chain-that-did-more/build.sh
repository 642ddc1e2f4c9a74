approved
claimed bot
land
take "$TIP"
good=$(git write-tree)
echo x | put evil.sh
append
git read-tree "$good"
append
outcome bot 'ending = "executed"' 'exit = 0' "started = \"$NOW\"" 'duration_ms = 1' 'pin = "checked"' >outcome.toml
record outcome.toml outcome.toml bot outcome
append
land
