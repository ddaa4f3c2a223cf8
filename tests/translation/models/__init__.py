"""Toy models that are real files in real formats, made on the spot, and a proxy that injects faults.

They know a handful of sentence patterns (pairs.py) and are no measure of quality.
"""
