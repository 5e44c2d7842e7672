"""Calibration of the embedded gates on clean dubs that are not the demo's."""
