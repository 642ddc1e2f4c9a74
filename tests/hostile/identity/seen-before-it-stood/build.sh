decision carol deny >carol.toml
saw carol.toml
approved
