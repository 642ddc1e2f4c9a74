approved
claimed bot stranger
land
