approved
claim() { printf 'schema = "expacti/claim/v1"\nrepo = "%s"\nbase = "%s"\nroot = "%s"\nrequest = "%s"\nseen = [%s]\nrunner = "%s"\nnonce = "02020202020202020202020202020202"\nclaimed = "%s"\n' "$REPO" "$BASE" "$ROOT" "$ROOT" "$SEEN" "$1" "$NOW"; }
claimed bot
land
