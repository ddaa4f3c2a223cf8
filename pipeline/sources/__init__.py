"""Inputs to documents: files, folders, globs; text, HTML, JSONL, Parquet, WARC."""
from pipeline.sources.find import STANDARD_INPUT, Found, InputError, find
from pipeline.sources.read import Fields, Raw, Row, read, unparsed

__all__ = ["STANDARD_INPUT", "Fields", "Found", "InputError", "Raw", "Row", "find", "read", "unparsed"]
