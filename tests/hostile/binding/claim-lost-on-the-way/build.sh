main=$(git --git-dir "$REMOTE" rev-parse main)
tip=$(git --git-dir "$REMOTE" rev-parse "requests/$ID")
as bot resume --wait 0s "$ID"
broken=$(git --git-dir "$REMOTE" rev-parse main)
git --git-dir "$REMOTE" update-ref refs/heads/main "$main"
git --git-dir "$REMOTE" update-ref "refs/heads/requests/$ID" "$tip"
check() { git --git-dir "$REMOTE" update-ref refs/heads/main "$broken"; git --git-dir "$REMOTE" update-ref -d "refs/heads/requests/$ID"; }
