approved
open=$TIP
good=$MAIN
decision carol deny >carol.toml
decide carol carol.toml
append
land
push main "$(git commit-tree -m x -p "$good" -p "$MAIN" "$good^{tree}")"
push "requests/$ID" "$open"
