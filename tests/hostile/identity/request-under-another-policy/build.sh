git cat-file blob "$TIP:$DIR/request.toml" | sed "s/^root = .*/root = \"$REQUEST\"/" >request.toml
take "$BASE"
record request.toml request.toml bot request
push "requests/$ID" "$(commit "$BASE")"
