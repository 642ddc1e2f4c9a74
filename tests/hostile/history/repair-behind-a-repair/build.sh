good=$MAIN
land
bad=$MAIN
healed=$(git commit-tree -m x -p "$good" -p "$bad" "$good^{tree}")
push main "$healed"
MAIN=$healed
take "$TIP"
decision carol deny >carol.toml
decide carol carol.toml
append
land
push main "$(git commit-tree -m x -p "$good" -p "$MAIN" "$good^{tree}")"
