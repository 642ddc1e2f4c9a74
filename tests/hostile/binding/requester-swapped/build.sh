attempt() { as mal resume --wait 0s "$ID"; }
