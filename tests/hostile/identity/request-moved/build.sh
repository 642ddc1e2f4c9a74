git cat-file blob "$TIP:$DIR/request.toml" >request.toml
git cat-file blob "$TIP:$DIR/request.toml.sig" >request.toml.sig
take "$OLDER"
put "$DIR/request.toml" <request.toml
put "$DIR/request.toml.sig" <request.toml.sig
push "requests/$ID" "$(commit "$OLDER")"
