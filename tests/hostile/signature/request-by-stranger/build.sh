git cat-file blob "$TIP:$DIR/request.toml" >request.toml
take "$BASE"
record request.toml request.toml stranger request
push "requests/$ID" "$(commit "$BASE")"
