approved
claim() { printf 'schema = "expacti/claim/v1"\nrepo = "%s"\nbase = "%s"\nroot = "%s"\nrequest = "%s"\nseen = [%s]\nrunner = "%s"\nnonce = "02020202020202020202020202020202"\nclaimed = "2026-11-23T10:30:01Z"\n' "$REPO" "$BASE" "$ROOT" "$REQUEST" "$SEEN" "$1"; }
claimed bot
land
