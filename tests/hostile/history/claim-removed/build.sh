approved
claimed bot
land
take "$MAIN"
drop "$DIR/claim.toml"
drop "$DIR/claim.toml.sig"
push main "$(commit "$MAIN")"
