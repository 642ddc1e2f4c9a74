approved
CLAIMED=2026-11-23T10:30:01Z
claimed bot
land
