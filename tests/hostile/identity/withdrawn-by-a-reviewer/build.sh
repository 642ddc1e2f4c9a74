take "$TIP"
outcome bob 'ending = "withdrawn"' 'reason = ""' >outcome.toml
record outcome.toml outcome.toml bob outcome
append
land
