take "$TIP"
outcome mal 'ending = "withdrawn"' 'reason = ""' >outcome.toml
record outcome.toml outcome.toml mal outcome
append
land
