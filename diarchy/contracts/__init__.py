"""The nouns and the Protocols; nothing here acts."""
