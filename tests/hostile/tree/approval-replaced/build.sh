approved
name=$(git ls-files "$DIR/decisions/alice.*.sig")
sign stranger decision </dev/null | put "$name"
append
