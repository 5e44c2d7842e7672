"""Continuity: what a series keeps over its episodes, and a title over its versions."""
