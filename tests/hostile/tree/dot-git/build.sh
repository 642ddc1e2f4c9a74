approved
tree=$( (entry 100644 .git "$(git rev-parse "$TIP:$DIR/request.toml")"; stored "$TIP:$DIR/decisions") | tree)
root=$(replant "$TIP" "$DIR/decisions" "$tree")
push "requests/$ID" "$(git commit-tree -m x -p "$TIP" "$root")"
