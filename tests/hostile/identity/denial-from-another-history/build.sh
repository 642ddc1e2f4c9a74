approved
BASE=0909090909090909090909090909090909090909
decision carol deny >carol.toml
decide carol carol.toml
append
