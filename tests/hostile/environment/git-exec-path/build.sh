for helper in git-fetch git-push git-upload-pack git-receive-pack git-index-pack git-remote-https git-rev-list; do canary "$EVIL/core/$helper"; done
export GIT_EXEC_PATH="$EVIL/core"
attempt() { as bot verify --full >"$EVIL/verify.log" && as bot resume --wait 0s "$ID"; }
