approved
decision carol deny >carol.toml
decide carol carol.toml
saw carol.toml
append
claimed bot
land
