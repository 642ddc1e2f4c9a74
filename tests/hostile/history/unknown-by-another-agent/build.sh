approved
claimed bot
land
take "$TIP"
outcome mal 'ending = "unknown"' 'reason = ""' >outcome.toml
record outcome.toml outcome.toml mal outcome
append
land
