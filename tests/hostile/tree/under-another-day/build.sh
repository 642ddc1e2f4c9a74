git cat-file blob "$TIP:$DIR/request.toml" >request.toml
take "$BASE"
DIR=requests/1999/01/01/$ID
record request.toml request.toml bot request
push "requests/$ID" "$(commit "$BASE")"
