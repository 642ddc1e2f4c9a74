take "$TIP"
outcome mal 'ending = "expired"' >outcome.toml
record outcome.toml outcome.toml mal outcome
append
land
