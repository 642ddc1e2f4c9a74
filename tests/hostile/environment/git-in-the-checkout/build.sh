for name in git ssh-keygen ssh sh; do canary "$WORK/$name"; done
PATH=:$PATH
attempt() { as bot verify --full; }
