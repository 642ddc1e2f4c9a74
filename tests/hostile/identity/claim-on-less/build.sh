before=$SEEN
approved
SEEN=$before
claimed bot
land
