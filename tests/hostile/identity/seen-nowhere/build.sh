cp "$KEYS/bob.pub" lost
saw lost
approved
