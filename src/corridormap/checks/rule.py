"""What a rule and a finding are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from corridormap.atlas import Atlas
    from corridormap.checks.reading.batch import Batch, Place

    Look = TypeVar("Look", bound=Callable[..., Any])


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


ERROR, WARNING, NOTE = Severity


@dataclass(frozen=True)
class Finding:
    """One thing a rule found, and its place, as far as it has one.

    Attributes
    ----------
    code, severity, message, hint : str
        The rule, its weight, what is wrong, what to do next.
    file : str or None
        The file as it was named to us; "<stdin>" for standard input.
    feature : str or None
        The feature's id.
    index : int or None
        The feature's position in its file, from 0.
    pointer : str or None
        Where in the document, as a JSON pointer (RFC 6901).
    line, column : int or None
        Where in the text, from 1.
    lon, lat : float or None
        Where on the ground, in degrees.
    """

    code: str
    severity: Severity
    message: str
    file: str | None = None
    feature: str | None = None
    index: int | None = None
    pointer: str | None = None
    line: int | None = None
    column: int | None = None
    lon: float | None = None
    lat: float | None = None
    hint: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Give the finding as plain values, for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.file, self.feature) if part)
        if self.lon is not None and self.lat is not None:
            where += f" at {self.lon:.5f}, {self.lat:.5f}"
        text = f"{where}: {self.severity} {self.code}: {self.message}"
        return f"{text}\n  {self.hint}" if self.hint else text


FAMILIES = {
    "0": ("text", "The file and its text, before anything of its content."),
    "1": ("structure", "JSON and GeoJSON as RFC 7946 has them."),
    "2": ("geometry", "Shapes, each by itself."),
    "3": ("coordinates", "Where on Earth the coordinates lie."),
    "4": ("attributes", "Properties and their values."),
    "5": ("atlas", "The atlas as a whole: facts and layers together. These rules run where an atlas.toml applies."),
    "6": ("topology", "Lines and how they meet."),
}
"""The families of rules, by the first digit of their codes: a name, and what they are about."""


class Rule:
    """A rule: a code that never changes, a severity, a docstring that is its public description, and a hint how to mend.

    A subclass that is given a code is a rule, and is registered; so is a function under `register`.
    """

    code: ClassVar[str]
    severity: ClassVar[Severity] = ERROR
    on_layer: ClassVar[Severity | None] = None
    """The severity on the layers of an atlas, where it is another."""
    hint: ClassVar[str | None] = None
    repair: ClassVar[str | None] = None
    """The kind of repair by which `corridormap.checks.fix` mends what it finds, where that is safe."""
    of_drawn_lines: ClassVar[bool] = False
    """Whether it is about lines as they were drawn. An atlas's corridors are joined from links; their lines are checked as links."""
    once: ClassVar[bool] = False
    """Whether the same message is reported only once for each file."""
    look: ClassVar[Callable[..., Any]]
    """The function of a rule that was made by `register`."""

    def weight(self, *, layer: bool) -> Severity:
        """Return the severity of a finding, on a layer of an atlas or in any other file."""
        return self.on_layer if layer and self.on_layer is not None else self.severity

    def __init_subclass__(cls, **members: Any) -> None:
        """Make a rule of a class that is given a code, and what else is to be said of the rule: members of its kind."""
        super().__init_subclass__()
        unknown = members.keys() - {name for kind in cls.__mro__ for name in vars(kind).get("__annotations__", ())}
        if unknown:
            raise TypeError(f"no rule of the kind {cls.__name__} has {', '.join(sorted(unknown))}")
        for name, value in members.items():
            setattr(cls, name, value)
        if "code" in members:
            RULES.append(cls())
            RULES.sort(key=lambda rule: rule.code)

    @classmethod
    def define(cls, code: str, description: str, severity: Severity = ERROR, look: Look | None = None, **members: Any) -> None:
        """Make a rule of this kind without writing a class, of a function or of its members alone."""
        body: dict[str, Any] = {"__doc__": description} | ({} if look is None else {"look": staticmethod(look)})
        type(cls.__name__, (cls,), body, code=code, severity=severity, **members)

    @classmethod
    def register(cls, code: str, severity: Severity = ERROR, **members: Any) -> Callable[[Look], Look]:
        """Make a rule of a function, which is called as `check` of this kind of rule says; its docstring is the description."""

        def registered(look: Look) -> Look:
            cls.define(code, look.__doc__ or "", severity, look, **members)
            return look

        return registered

    def finding(
        self,
        message: str,
        *,
        file: object = None,
        layer: bool = False,
        at: tuple[float, float] | None = None,
        hint: str | None = None,
        **where: Any,
    ) -> Finding:
        """Make a finding of this rule; further members are those of `Finding` that say where."""
        lon, lat = at or (None, None)
        name = None if file is None else str(file)
        return Finding(self.code, self.weight(layer=layer), message, name, lon=lon, lat=lat, hint=hint or self.hint, **where)


RULES: list[Rule] = []
"""Every rule, by code."""

RETIRED = {
    "CM101": "CM001",
    "CM203": "CM211",
    "CM204": "CM213",
    "CM206": "CM215",
    "CM301": "CM311",
    "CM401": "CM137",
    "CM402": "CM412",
    "CM403": "CM411",
    "CM404": "CM415",
    "CM408": "CM414",
    "CM409": "CM413",
}
"""Rules of atlas layers that said what a rule of any file says, and which one."""


class AtlasRule(Rule):
    """A rule about the atlas as a whole, facts and layers together."""

    salvage: ClassVar[bool] = False
    """Whether it can say something of the facts that are whole, where some are not."""
    foremost: ClassVar[bool] = False
    """Whether rules after it come upon the same: it is asked even where it is ignored, so that they do not tell it in its place."""

    def check(self, atlas: Atlas, layers: Mapping[str, Batch], /) -> Iterable[Finding]:
        """Yield what is wrong with the atlas; `layers` are those of its layers that could be read."""
        yield from self.look(self, atlas, layers)


class TextRule(Rule):
    """A rule about a file and its text, which the reader itself proves while it reads."""


class ObjectRule(Rule):
    """A rule about one GeoJSON object: a collection, a feature or a geometry, as it was parsed."""

    kinds: ClassVar[frozenset[str]]
    """The kinds of object it looks at: "FeatureCollection", "Feature", "Geometry"."""

    def check(self, value: dict[str, Any]) -> Iterable[tuple[tuple[str | int, ...], str]]:
        """Yield the tokens of the JSON pointer within the object, and what is wrong there."""
        yield from self.look(value)


class BatchRule(Rule):
    """A rule about the features of any file, which looks at many of them at once.

    Nothing but `memory`, which is new for every file, may be kept from one batch to the next.
    """

    def check(self, batch: Batch, _memory: dict[str, Any], /) -> Iterable[Place]:
        """Yield what is wrong with these features."""
        yield from self.look(batch)

    def conclude(self, _memory: dict[str, Any], /) -> Iterable[Place]:
        """Yield, after the last batch, what is wrong with the file as a whole."""
        return ()


class LayerRule(BatchRule):
    """A rule about the features of a layer of an atlas, all of which come in one batch; its function gets the layer too."""

    def check(self, batch: Batch, _memory: dict[str, Any], /) -> Iterable[Place]:
        yield from self.look(batch, batch.layer)
