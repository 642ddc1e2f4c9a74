TIP=$(git rev-parse "$TIP^")
SEEN=\"$REQUEST\"
take "$TIP"
claimed bot
land
