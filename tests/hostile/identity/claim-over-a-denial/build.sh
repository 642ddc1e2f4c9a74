approved
before=$SEEN
decision carol deny >carol.toml
decide carol carol.toml
append
SEEN=$before
claimed bot
land
