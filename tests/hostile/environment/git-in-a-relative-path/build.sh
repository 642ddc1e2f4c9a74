for name in git ssh-keygen ssh; do canary "$WORK/$name"; done
PATH=.:$PATH
attempt() { as bot verify --full; }
