git -c init.defaultBranch=m init -q .
echo text >file
git add file
git -c user.name=x -c user.email=x@example.org commit -q -m x
canary "$EVIL/monitor"
mv .git "$EVIL/repo"
echo "gitdir: $EVIL/repo" >.git
git --git-dir "$EVIL/repo" config core.fsmonitor "$EVIL/monitor"
git --git-dir "$EVIL/repo" config core.worktree "$WORK"
