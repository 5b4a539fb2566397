"""The nouns of the story: what a till tells us, what we tell a person, and nothing that acts."""
