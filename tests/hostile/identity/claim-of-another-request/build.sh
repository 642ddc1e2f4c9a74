approved
REQUEST=$ROOT
claimed bot
land
