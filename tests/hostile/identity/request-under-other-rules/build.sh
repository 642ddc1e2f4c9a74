git cat-file blob "$TIP:$DIR/request.toml" | sed "s/^root = .*/root = \"$REQUEST\"/" >request.toml
ID=$(digest <request.toml | cut -c 1-32)
DIR=${DIR%/*}/$ID
take "$BASE"
record request.toml request.toml bot request
push "requests/$ID" "$(commit "$BASE")"
# The attack is on this one.
echo "$ID" >id
