git -c init.defaultBranch=m init -q .
echo text >file
git add file
git -c user.name=x -c user.email=x@example.org commit -q -m x
canary "$EVIL/monitor"
git config core.fsmonitor "$EVIL/monitor"
git config core.sshCommand "$EVIL/monitor"
git config core.pager "$EVIL/monitor"
for hook in post-index-change pre-push reference-transaction post-checkout; do canary ".git/hooks/$hook"; done
