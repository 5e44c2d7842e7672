"""What dubbing cost, how much was done and how long the rest will take: measured, or absent."""
