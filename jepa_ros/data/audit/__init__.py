"""What a bag holds, what it lacks, and how that looks."""

from jepa_ros.data.audit.checks import Finding, check
from jepa_ros.data.audit.coverage import coverage
from jepa_ros.data.audit.door import insist_on_fit
from jepa_ros.data.audit.measures import BagAudit, StreamAudit, ValueAudit, audit_bag
from jepa_ros.data.audit.picture import draw_audit, picture_path, save_picture
from jepa_ros.data.audit.survey import Survey, survey

__all__ = [
    "BagAudit",
    "Finding",
    "StreamAudit",
    "Survey",
    "ValueAudit",
    "audit_bag",
    "check",
    "coverage",
    "draw_audit",
    "insist_on_fit",
    "picture_path",
    "save_picture",
    "survey",
]
