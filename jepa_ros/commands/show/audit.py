"""An audit of a bag as tables."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from jepa_ros.commands.show.terminal import table
from jepa_ros.data.audit import BagAudit, ValueAudit


def audit_table(audit: BagAudit) -> RenderableType:
    """An audit as tables: topics, then values, then what else there is to say."""
    topics = table("topic", "type", "messages", "Hz", "longest gap (s)", "")
    for stream in audit.streams:
        verdict = "[green]ok" if stream.fast_enough else "[red]too slow"
        topics.add_row(
            stream.topic, stream.kind, str(stream.count), f"{stream.rate:.1f}", f"{stream.longest_gap:.2f}", verdict
        )
    values = table("value", "seen", "allowed", "coverage")
    for value in (*audit.states, *audit.actions):
        values.add_row(*_value_row(value))
    notes = [f"{audit.seconds / 60:.1f} minutes"]
    if audit.pair_coverage is not None:
        notes.append(f"{audit.pair_coverage:.0%} of the joint ranges covered, pair by pair")
    notes += [f"{count} messages refused on {topic}" for topic, count in audit.refused.items()]
    notes += [*audit.damage, *([f"contract: {audit.contract_note}"] if audit.contract_note else [])]
    return Group(Text(str(audit.path), style="bold"), topics, values, *map(Text, notes))


def _value_row(value: ValueAudit) -> tuple[str, str, str, str]:
    share = "" if value.coverage != value.coverage else f"{value.coverage:.0%}"
    seen, allowed = f"{value.low:.3g} … {value.high:.3g}", f"{value.allowed_low:.3g} … {value.allowed_high:.3g}"
    return value.name, seen, allowed, share
