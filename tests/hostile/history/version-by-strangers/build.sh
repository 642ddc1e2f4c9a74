sed 's/^min_approvals = .*/min_approvals = 1/' config.toml >new
mv new config.toml
version 2
sign stranger root <root.toml | put "$VERSION/root.toml.alice.sig"
sign eve root <root.toml | put "$VERSION/root.toml.bob.sig"
landed_version
