take "$TIP"
claimed bot
land
