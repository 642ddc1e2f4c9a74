as bot resume --wait 0s "$ID"
