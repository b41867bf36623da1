"""The verb audit: look at a corpus with every check, apply nothing, and say what was seen and which recipe would mend
it (layer 5).
"""

from curate.audit.result import Audit, CheckResult
from curate.audit.run import audit

__all__ = ["Audit", "CheckResult", "audit"]
