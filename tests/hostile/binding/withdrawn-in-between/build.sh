as bot cancel "$ID"
