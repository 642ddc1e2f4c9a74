as alice deny --yes --reason no "$ID"
