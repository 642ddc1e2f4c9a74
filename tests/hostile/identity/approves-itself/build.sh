approved bot
