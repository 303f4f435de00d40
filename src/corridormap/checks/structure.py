"""CM1xx: the file and its structure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.checks.rule import LayerRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corridormap.checks.rule import Finding, LayerSubject


class Readable(LayerRule):
    """A layer's file exists and is a GeoJSON FeatureCollection in UTF-8 without NaN or Infinity."""

    code = "CM101"
    stops = True

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        if subject.error is not None:
            yield self.finding(subject.error.what, file=subject.error.where, hint=subject.error.hint)


class NotEmpty(LayerRule):
    """A layer has features."""

    code = "CM102"
    stops = True

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        if subject.frame.empty:
            yield self.finding("has no features", file=subject.path)
