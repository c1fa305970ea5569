"""The package a person downloads: what it holds, how it is written, how it is checked.

Pure: no AWS and no file of its own; `build` writes to whatever `open_part` returns, `verify` checks without a network.

    package       what goes in (context, collections) and what comes out (summary)
    build         the order of everything
    disclosure    which fields and rows leave; grounds: why others don't
    data_files    JSON and CSV of a collection; csv_safety: no cell is a formula; encoding: exact JSON
    portability   schema.org Person and Order; json_ld, order_lines, schemas/
    start_page    index.html; answer_letter: the answer itself; shown_values, wording, texts/, templates/
    processing    purposes, recipients, retention, origins, as data
    parts         files into ZIP parts; archive: one part; layout, entry_names, manifest
    verify        the check; container: the frame of a ZIP
"""
