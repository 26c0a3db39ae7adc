"""The people: who they are, what they are asked, what they may do, what papers they take away, where they sit."""
