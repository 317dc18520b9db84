print("kubani")
