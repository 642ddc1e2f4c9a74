BASE=$TIP
approved
