git -c init.defaultBranch=m init -q .
git -c user.name=x -c user.email=x@example.org commit -q --allow-empty -m x
