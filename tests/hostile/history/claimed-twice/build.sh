approved
before=$TIP
stood=$SEEN
claimed bot
land
TIP=$before
SEEN=$stood
take "$TIP"
claim() { printf 'schema = "expacti/claim/v1"\nrepo = "%s"\nbase = "%s"\nroot = "%s"\nrequest = "%s"\nseen = [%s]\nrunner = "%s"\nnonce = "03030303030303030303030303030303"\nclaimed = "%s"\n' "$REPO" "$BASE" "$ROOT" "$REQUEST" "$SEEN" "$1" "$NOW"; }
claimed bot
take "$MAIN"
git rm -r -q --cached requests
keep "$TIP" "$DIR"
push main "$(commit "$MAIN" "$TIP")"
