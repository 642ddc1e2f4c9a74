git -c init.defaultBranch=m init -q .
echo text >file
git add file
git -c user.name=x -c user.email=x@example.org commit -q -m x
canary "$EVIL/monitor"
git -c init.defaultBranch=m init -q sub
git -C sub -c user.name=x -c user.email=x@example.org commit -q --allow-empty -m x
git -C sub config core.fsmonitor "$EVIL/monitor"
printf '[submodule "sub"]\n\tpath = sub\n\turl = ext::%s\n\tupdate = !%s\n' "$EVIL/monitor" "$EVIL/monitor" >.gitmodules
git add .gitmodules sub 2>add.log
rm add.log
git -c user.name=x -c user.email=x@example.org commit -q -m y
