"""Inputs to documents: files, folders, globs; text, HTML, JSONL, Parquet, WARC."""
from pipeline.sources.cutting import Block, Stretch, blocks, stretches
from pipeline.sources.find import STANDARD_INPUT, Found, InputError, find
from pipeline.sources.read import Fields, Raw, Row, given_twice, once, read, unparsed

__all__ = ["STANDARD_INPUT", "Block", "Fields", "Found", "InputError", "Raw", "Row", "Stretch", "blocks", "find",
           "given_twice", "once", "read", "stretches", "unparsed"]
