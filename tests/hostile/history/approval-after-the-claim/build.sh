approved
claimed bot
land
take "$TIP"
decision carol approve >carol.toml
decide carol carol.toml
append
land
