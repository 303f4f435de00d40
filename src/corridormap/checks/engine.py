"""Check files of any kind, and atlases, and put everything found into one report."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corridormap.checks.facts import line_of, of_error
from corridormap.checks.filecheck import FileCheck, failure, gravest, rule
from corridormap.checks.origins import tell_of_facts
from corridormap.checks.reading.batch import Batch, LayerSubject
from corridormap.checks.reading.document import read
from corridormap.checks.reading.inputs import Input, expand, of_path
from corridormap.checks.report import Report
from corridormap.checks.rule import RULES, AtlasRule, Finding
from corridormap.checks.selection import Selection, make_selection, nearest
from corridormap.errors import DataError
from corridormap.files import uncollected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from corridormap.atlas import Atlas
    from corridormap.checks.drawing import Drawing
    from corridormap.model import Layer

    Progress = Callable[[int], None]


def check_files(
    sources: Sequence[str | Path],
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    severity: str | None = None,
    max_findings: int | None = None,
    config: Selection | None = None,
    progress: Progress | None = None,
    total: Progress | None = None,
    drawing: Drawing | None = None,
) -> Report:
    """Check files of any kind: GeoJSON, GeoJSON text sequences, GeoPackage, FlatGeobuf, GeoParquet, Shapefile, KML.

    Parameters
    ----------
    sources : sequence of str or Path
        Files, folders (searched for files of these kinds; one that holds an atlas.toml is checked as an atlas), patterns such as
        ``data/*.geojson``, or "-" for standard input.
    select, ignore : sequence of str
        Codes of rules to run, or not to run; "CM2" means all that begin so.
    severity : str, optional
        The least severity to report: "error", "warning" or "note".
    max_findings : int, optional
        How many findings of a file to keep, 1000 by default; `Report.more` counts the others.
    config : Selection, optional
        What applies where no option is given; by default that of the pyproject.toml or atlas.toml nearest to each file.
    progress : callable, optional
        Called repeatedly with the number of bytes read since the last call.
    total : callable, optional
        Called once, before the first file is read, with the number of bytes of all files, as far as it is known.
    drawing : Drawing, optional
        Receives the shapes of all features, for a report that draws them.

    Returns
    -------
    Report
        What was found, in the order of the sources. A file that is a layer of an atlas is checked as that layer, by the atlas's rules.

    Raises
    ------
    UsageError
        If a source does not exist, or a code or severity does not.
    """
    options: dict[str, Any] = {"select": select, "ignore": ignore, "severity": severity, "max_findings": max_findings}
    make_selection(**options)  # wrong options are refused before anything is read
    report = Report(drawing=drawing)
    expanded = expand(sources)
    if total is not None:
        total(sum(map(_size, expanded)))
    atlases: dict[Path, Atlas | None] = {}
    for file in expanded:
        selection = selection_for(file, options, config)
        atlas, layers = layer_of(file.path, atlases)
        if file.kind == "atlas":
            part = check_folder(file.path, config=selection, drawing=drawing)
        elif atlas is not None:
            part = check_atlas(atlas, layers=layers, config=selection, drawing=drawing)
        else:
            check = FileCheck(file.name, selection.codes(file.name), selection.max_findings, drawing=drawing, progress=progress)
            _check(report, file, check)
            continue
        report.findings += part.findings
        report.checked += part.checked
        report.more += part.more
        report.atlas = report.atlas or part.atlas
    return report


def selection_for(file: Input, options: Mapping[str, Any], config: Selection | None = None) -> Selection:
    """Put the options over the configuration given, or over the one nearest to the file."""
    path = file.path or Path.cwd()
    base = config if config is not None else nearest(path if path.is_dir() else path.parent)
    return make_selection(**options, config=base)


def layer_of(path: Path | None, atlases: dict[Path, Atlas | None]) -> tuple[Atlas | None, list[str]]:
    """Find the atlas and the layer that a file is, if it is one; keep the atlases that were opened in `atlases`."""
    from corridormap.atlas import Atlas

    if path is None or path.suffix.lower() != ".geojson" or not (path.parent.parent / "atlas.toml").is_file():
        return None, []
    folder = path.parent.parent
    if folder not in atlases:
        try:
            atlases[folder] = Atlas.open(folder)
        except DataError:
            atlases[folder] = None
    atlas = atlases[folder]
    layers = [] if atlas is None else [record.id for record in atlas.layers if atlas.layer_path(record.id) == path]
    return atlas if layers else None, layers[:1]


def _size(file: Input) -> int:
    try:
        return file.path.stat().st_size if file.path is not None and file.kind != "atlas" else 0
    except OSError:
        return 0


def check_folder(folder: Path | None, *, drawing: Drawing | None = None, config: Selection | None = None, **options: Any) -> Report:
    """Check the atlas in a folder, or the packaged one; where its atlas.toml is not whole, tell all that is wrong with that and the facts.

    Parameters
    ----------
    folder : Path or None
        The geodata folder.
    drawing, config, **options
        As with `check_atlas`.

    Raises
    ------
    DataError
        If there is no such folder, or no atlas.toml in it.
    UsageError
        As with `check_atlas`.
    """
    from corridormap.atlas import Atlas, default_folder

    try:
        return check_atlas(Atlas.open(folder), drawing=drawing, config=config, **options)
    except DataError as error:
        broken = Atlas(folder or default_folder())
        if not (broken.folder / "atlas.toml").is_file() or options.pop("layers", None) is not None:
            raise
        selection = make_selection(**options, config=config or nearest(broken.folder))
        report = Report(drawing=drawing)
        _tell(report, (of_error(rule("CM519"), fault) for fault in [*error.faults, *broken.faults()]), selection)
        return report


def check_atlas(
    atlas: Atlas,
    *,
    layers: Sequence[str] | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    severity: str | None = None,
    max_findings: int | None = None,
    config: Selection | None = None,
    drawing: Drawing | None = None,
) -> Report:
    """Check an atlas: each layer by the rules of any file and by its record, and the facts behind them.

    Parameters
    ----------
    atlas : Atlas
        The atlas.
    layers : sequence of str, optional
        Check these layers only, and leave the facts alone.
    select, ignore, severity, max_findings, config
        As with `check_files`; by default the configuration in the atlas's own atlas.toml holds.
    drawing : Drawing, optional
        As with `check_files`.

    Raises
    ------
    UsageError
        If the atlas has no such layer, or a code or severity does not exist.
    """
    base = config if config is not None else nearest(atlas.folder)
    selection = make_selection(select=select, ignore=ignore, severity=severity, max_findings=max_findings, config=base)
    report = Report(drawing=drawing, atlas=atlas)
    batches: dict[str, Batch] = {}
    faulty = layers is None and bool(atlas.faults())
    atlas = atlas.salvaged() if faulty else atlas
    for record in [atlas.layer_record(layer) for layer in layers] if layers is not None else atlas.layers:
        if (batch := _check_layer(report, atlas, record, selection)) is not None:
            batches[record.id] = batch
    if layers is None:
        told = selection.codes()
        asked = [one for one in RULES if isinstance(one, AtlasRule) and (one.code in told or one.foremost)]
        rules = [one for one in asked if one.salvage or not faulty]
        _tell(report, (finding for one in rules for finding in _prove(one, atlas, batches)), selection)
    tell_of_facts(report, atlas, selection)
    return report


def _check_layer(report: Report, atlas: Atlas, record: Layer, selection: Selection) -> Batch | None:
    """Check a layer of an atlas and add what was found to the report; give what was read, if anything could be."""
    path = atlas.layer_path(record.id)
    codes = selection.codes(str(path), layer=True)
    check = FileCheck(str(path), codes, selection.max_findings, layer=LayerSubject(atlas, record), drawing=report.drawing)
    if path.exists():
        _check(report, of_path(path), check)
    else:
        check.fault("CM001", "the layer is not built", hint="Run `corridormap build` first.")
        report.add(check, "GeoJSON")
    batch = next(iter(check.batches), None)
    if batch is not None:
        batch.forget()
    return batch


def _tell(report: Report, findings: Iterable[Finding], selection: Selection) -> None:
    """Put what is wrong with the facts first in a report; what several rules come upon, the first tells."""
    found: dict[tuple[str | int | None, ...], Finding] = {}
    for finding in findings:
        found.setdefault((finding.file, finding.line, finding.column, finding.feature, finding.message), finding)
    codes = {file: selection.codes(file or "") for file in {finding.file for finding in found.values()}}
    kept = [finding for finding in found.values() if finding.code in codes[finding.file]]
    told = gravest(kept, selection.max_findings)
    report.more += Counter((finding.file, finding.code) for finding in kept)
    report.more -= Counter((finding.file, finding.code) for finding in told)
    report.findings = told + report.findings


def _prove(rule: AtlasRule, atlas: Atlas, layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """Run a rule on an atlas; report facts that cannot be read as a finding, and raise an exception of the rule as an internal error."""
    try:
        for finding in rule.check(atlas, layers):
            line, column = line_of(finding.file, finding.feature) if finding.line is None else (finding.line, finding.column)
            yield replace(finding, line=line, column=column)
    except DataError as error:
        yield from (of_error(rule, fault) for fault in error.faults)
    except Exception as error:
        raise failure(rule, error, where=str(atlas.folder)) from error


def _check(report: Report, file: Input, check: FileCheck) -> None:
    """Read a file, all layers of it, check it and add what was found to the report."""
    kind = file.kind
    sequence = kind == "GeoJSON text sequence"
    if file.trouble is None and kind != "GeoJSON" and not sequence:
        from corridormap.checks.reading.foreign import check_foreign

        check_foreign(report, file, check)
        return
    try:
        with uncollected():
            if file.trouble is not None:
                check.fault("CM001", file.trouble)
            elif file.path is None:
                kind = read(sys.stdin.buffer, check, sequence=None)
            else:
                with file.path.open("rb") as stream:
                    kind = read(stream, check, sequence=sequence)
    except OSError as error:
        check.fault("CM001", f"cannot be read: {error.strerror or error}")
    except MemoryError:
        check.fault("CM013", "is too large for the memory there is")
    check.conclude()
    report.add(check, kind)
