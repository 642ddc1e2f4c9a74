take "$TIP"
outcome mal 'ending = "refused"' 'reason = "no"' >outcome.toml
record outcome.toml outcome.toml mal outcome
append
land
