git -c init.defaultBranch=m init -q .
echo text >file
git add file
git -c user.name=x -c user.email=x@example.org commit -q -m x
canary "$EVIL/monitor"
printf '[core]\n\tfsmonitor = %s\n' "$EVIL/monitor" >"$EVIL/more"
git config include.path "$EVIL/more"
