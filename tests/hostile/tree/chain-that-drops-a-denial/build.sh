approved
before=$(git write-tree)
decision carol deny >carol.toml
decide carol carol.toml
append
git read-tree "$before"
append
claimed bot
land
