git -c init.defaultBranch=m init -q .
echo text >file
git add file
git -c user.name=x -c user.email=x@example.org commit -q -m x
canary "$EVIL/filter"
for key in filter.evil.clean filter.evil.smudge filter.evil.process diff.evil.command diff.evil.textconv merge.evil.driver; do git config "$key" "$EVIL/filter"; done
echo "* filter=evil diff=evil merge=evil" >.git/info/attributes
touch file
