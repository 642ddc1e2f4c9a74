as bot resume --wait 0s "$ID"
attempt() { as bot-elsewhere resume --wait 0s "$ID"; }
