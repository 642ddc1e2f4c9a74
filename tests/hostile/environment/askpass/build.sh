canary "$EVIL/ask"
export GIT_ASKPASS="$EVIL/ask" SSH_ASKPASS="$EVIL/ask" SSH_ASKPASS_REQUIRE=force DISPLAY=:0
attempt() { as bot join https://user@127.0.0.1:9/p.git --root "$ROOT" 2>join.log || as bot resume --wait 0s "$ID"; }
