tip=$(git --git-dir "$REMOTE" rev-parse "requests/$ID")
as bot resume --wait 0s "$ID"
git --git-dir "$REMOTE" update-ref "refs/heads/requests/$ID" "$tip"
