"""The suspicions: each a TOML file that says when it fires, why, and who would be wrongly accused."""
