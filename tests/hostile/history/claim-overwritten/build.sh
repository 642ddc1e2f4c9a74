approved
claimed bot
land
take "$MAIN"
claim mal >claim.toml
record claim.toml claim.toml mal claim
push main "$(commit "$MAIN" "$TIP")"
