approved
before=$TIP
stood=$SEEN
claimed bot
land
TIP=$before
SEEN=$stood
take "$TIP"
NONCE=03030303030303030303030303030303
claimed bot
take "$MAIN"
git rm -r -q --cached requests
keep "$TIP" "$DIR"
push main "$(commit "$MAIN" "$TIP")"
