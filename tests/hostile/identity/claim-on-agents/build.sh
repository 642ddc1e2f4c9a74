approved bot mal
claimed bot
land
