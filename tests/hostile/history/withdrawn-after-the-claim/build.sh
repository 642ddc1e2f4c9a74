approved
claimed bot
land
take "$TIP"
outcome bot 'ending = "withdrawn"' 'reason = ""' >outcome.toml
record outcome.toml outcome.toml bot outcome
append
land
