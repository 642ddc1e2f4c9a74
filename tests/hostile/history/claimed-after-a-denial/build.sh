approved
before=$TIP
stood=$SEEN
decision carol deny >carol.toml
decide carol carol.toml
append
land
TIP=$before
SEEN=$stood
take "$TIP"
claimed bot
take "$MAIN"
git rm -r -q --cached requests
keep "$TIP" "$DIR"
push main "$(commit "$MAIN" "$TIP")"
