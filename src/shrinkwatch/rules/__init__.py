"""The suspicions: each a TOML file that says when it fires, why, and who may be innocent."""
