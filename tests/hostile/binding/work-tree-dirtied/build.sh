echo evil >new
