"""Machine translation without documents: backends, terms, checks, memory, exchange formats.

Works on segments (short texts) and knows nothing of documents, edits or tags; the stage `translate`
turns what it finds into tags.  httpx, ctranslate2 and sentencepiece are imported when a backend
that needs them is made.
"""
