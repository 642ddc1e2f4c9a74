approved
stored "$TIP:$DIR/decisions" >entries
name=$(git ls-tree --name-only "$TIP:$DIR/decisions" | tail -n 2 | head -n 1)
tree=$( (cat entries; entry 100644 "$name" "$(git rev-parse "$TIP:$DIR/decisions/$name")") | tree)
root=$(replant "$TIP" "$DIR/decisions" "$tree")
push "requests/$ID" "$(git commit-tree -m x -p "$TIP" "$root")"
