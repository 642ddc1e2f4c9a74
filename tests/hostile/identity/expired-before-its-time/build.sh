take "$TIP"
outcome bot 'ending = "expired"' >outcome.toml
record outcome.toml outcome.toml bot outcome
append
land
