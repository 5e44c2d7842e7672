"""airdub's ground floor: the language that operators, stages, console and CLI share.

Pure Python, pydantic and fsspec. Nothing here imports Airflow, torch or pyspark,
and nothing heavy is imported at module level.
"""

__version__ = "0.1.0"
CONTRACT_VERSION = "1"
"""Version of the stage contract: part of every request, result and fingerprint."""
