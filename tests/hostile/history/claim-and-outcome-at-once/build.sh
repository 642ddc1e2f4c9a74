approved
claimed bot
outcome bot 'ending = "executed"' 'exit = 0' "started = \"$NOW\"" 'duration_ms = 1' 'pin = "checked"' >outcome.toml
record outcome.toml outcome.toml bot outcome
append
land
