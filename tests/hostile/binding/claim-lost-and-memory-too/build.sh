main=$(git --git-dir "$REMOTE" rev-parse main)
tip=$(git --git-dir "$REMOTE" rev-parse "requests/$ID")
as bot resume --wait 0s "$ID"
broken=$(git --git-dir "$REMOTE" rev-parse main)
git --git-dir "$REMOTE" update-ref refs/heads/main "$main"
git --git-dir "$REMOTE" update-ref "refs/heads/requests/$ID" "$tip"
cp -r "$HOMES/bot" "$EVIL/bot"
for kept in "$HOMES"/bot/state/repos/*; do find "$kept" -maxdepth 1 -type f -delete; done
rm -r "$HOMES/bot/data"
check() { git --git-dir "$REMOTE" update-ref refs/heads/main "$broken"; git --git-dir "$REMOTE" update-ref -d "refs/heads/requests/$ID"; rm -r "$HOMES/bot"; mv "$EVIL/bot" "$HOMES/bot"; }
