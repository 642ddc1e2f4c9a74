git cat-file blob "$TIP:$DIR/request.toml" | sed 's/^reason = .*/reason = "harmless"/' >request.toml
take "$BASE"
record request.toml request.toml bot request
push "requests/$ID" "$(commit "$BASE")"
