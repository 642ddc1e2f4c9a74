approved
REPO=$REQUEST
claimed bot
land
