approved
claimed bot
land
take "$TIP"
decision carol deny >carol.toml
decide carol carol.toml
append
land
