"""An audit of a bag as tables."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from jepa_ros.commands.show.terminal import table
from jepa_ros.data.audit import BagAudit, Finding, StreamAudit, ValueAudit

CLOCKS_DIFFER = 1000.0  # ms of age, either way, that no transport takes
COLOURS = {"error": "red", "warning": "yellow"}


def audit_table(audit: BagAudit) -> RenderableType:
    """An audit as tables: topics, then values, then what is wrong and what else there is to say."""
    topics = table("topic", "messages", "Hz", "gap (s)", "lost", "age (ms)", "")
    topics.columns[0].no_wrap = True
    for stream in audit.streams:
        topics.add_row(*_stream_row(stream))
    values = table("value", "seen", "allowed", "coverage")
    for value in (*audit.states, *audit.actions):
        values.add_row(*_value_row(value))
    survey = audit.survey
    notes = [
        f"{survey.seconds / 60:.1f} minutes, {audit.usable_minutes:.1f} of them usable ({audit.usable_periods} periods)"
    ]
    if audit.pair_coverage is not None:
        notes.append(f"{audit.pair_coverage:.0%} of the joint ranges covered, pair by pair")
    notes += [*survey.damage, *([f"contract: {survey.contract_note}"] if survey.contract_note else [])]
    findings = map(_finding, audit.findings)
    return Group(Text(str(audit.path), style="bold"), topics, values, *findings, *map(Text, notes))


def _stream_row(stream: StreamAudit) -> tuple[str, ...]:
    """The longest gap, and the contract's ticks that were lost in all of them."""
    verdict = "[green]ok" if stream.fast_enough else "[red]too slow"
    figures = f"{stream.rate:.1f}", f"{stream.longest_gap:.2f}", str(stream.lost_ticks), _age(stream)
    return stream.topic, str(stream.count), *figures, verdict


def _age(stream: StreamAudit) -> str:
    """Median, 95 % and most."""
    age = stream.age
    if age is None:
        return ""
    if abs(age.median) > CLOCKS_DIFFER:
        return f"clocks differ by {abs(age.median) / 1000:.3g} s"
    return f"{age.median:.0f}, {age.usual:.0f}, {age.most:.0f}"


def _value_row(value: ValueAudit) -> tuple[str, str, str, str]:
    share = "" if value.coverage != value.coverage else f"{value.coverage:.0%}"
    seen, allowed = f"{value.low:.3g} … {value.high:.3g}", f"{value.allowed_low:.3g} … {value.allowed_high:.3g}"
    return value.name, seen, allowed, share


def _finding(finding: Finding) -> Text:
    return Text.assemble((f"{finding.severity}: ", COLOURS[finding.severity]), str(finding))
