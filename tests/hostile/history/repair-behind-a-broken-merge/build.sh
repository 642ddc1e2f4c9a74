approved
open=$TIP
good=$MAIN
decision carol deny >carol.toml
decide carol carol.toml
append
land
take "$good"
echo x | put x
merge=$(commit "$good" "$MAIN")
push main "$(git commit-tree -m x -p "$good" -p "$merge" "$good^{tree}")"
push "requests/$ID" "$open"
