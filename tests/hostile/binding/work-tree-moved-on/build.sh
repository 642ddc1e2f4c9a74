git -c user.name=x -c user.email=x@example.org commit -q --allow-empty -m y
