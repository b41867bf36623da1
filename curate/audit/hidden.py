"""What an audit tells never shows personal data or secrets: every text of a row in a finding is masked, whatever check
quotes it. The texts of the rows themselves are masked where they are read (`curate.audit.texts`).
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from curate.core.check import Finding
from curate.data.edits import Edits
from curate.data.roles import is_text
from curate.kernels.pii.mask import mask_text, mask_texts, mask_values


def hidden(finding: Finding) -> Finding:
    """A finding whose title, evidence, details and new texts are masked."""
    at = finding.rows.column_names.index("detail")
    detail = _masked(finding.rows.column("detail"))
    return replace(
        finding,
        title=mask_text(finding.title),
        evidence=mask_values(dict(finding.evidence)),
        rows=finding.rows.set_column(at, finding.rows.schema.field(at), detail),
        plan=None if finding.plan is None else _hidden_texts(finding.plan),
    )


def _hidden_texts(plan: Edits) -> Edits:
    sets = {name: table.set_column(1, "value", _masked(table.column("value"))) for name, table in plan.sets.items()}
    return replace(plan, sets=sets)


def _masked(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column with its texts masked; one of another type as it is."""
    if not is_text(column.type) or pa.types.is_null(column.type) or pa.types.is_dictionary(column.type):
        return column
    return pa.chunked_array([mask_texts(chunk) for chunk in column.chunks], column.type)
