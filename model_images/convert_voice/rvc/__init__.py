"""RVC version 2 (Retrieval-based Voice Conversion), written anew after its definitions.

Sound to features (`contentvec`) and pitch (`pitch`, `rmvpe`), features drawn to those of the voice
(`retrieval`), and all of it to sound (`synthesizer`), piece by piece (`pieces`, `conversion`).
"""
