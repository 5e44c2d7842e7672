"""The queue: what is wanted of a library, in which order it is made, and where each dub stands.

Pure; what is kept is in the catalogue (`airdub.catalog`).
"""
