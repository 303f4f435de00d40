"""Check files of any kind, and atlases, and put everything found into one report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from corridormap.checks.filecheck import FileCheck
from corridormap.checks.ledger import gravest
from corridormap.checks.reading.chunks import Chunks
from corridormap.checks.reading.document import DocumentReader
from corridormap.checks.reading.sequence import SEPARATOR, SequenceReader
from corridormap.checks.reading.sources import Source, expand
from corridormap.checks.report import Checked, Report
from corridormap.checks.selection import Selection, make_selection, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, BinaryIO

    from corridormap.atlas import Atlas

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
) -> Report:
    """Check files of any kind: GeoJSON, GeoJSON text sequences, GeoPackage, FlatGeobuf, Shapefile, KML.

    Parameters
    ----------
    sources : sequence of str or Path
        Files, folders (searched for files of these kinds; one that holds an atlas.toml is checked as an atlas), patterns such as
        ``data/*.geojson``, or "-" for standard input.
    select, ignore : sequence of str
        Codes of rules to run, or not to run; "CM2" means all that begin so.
    severity : str, optional
        The least severity that is told: "error", "warning" or "note".
    max_findings : int, optional
        So many findings of a file are kept, 1000 by default; `Report.dropped` counts the others.
    config : Selection, optional
        What holds where the options say nothing; by default that of the pyproject.toml or atlas.toml nearest to each file.
    progress : callable, optional
        Called again and again with how many more bytes were read.
    total : callable, optional
        Called once, before, with how many bytes there are in all as far as is known.

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
    report = Report()
    expanded = expand(sources)
    if total is not None:
        total(sum(map(_size, expanded)))
    atlases: dict[Path, Atlas | None] = {}
    for source in expanded:
        selection = selection_for(source, options, config)
        if source.kind == "atlas":
            from corridormap.atlas import Atlas

            assert source.path is not None
            _add(report, check_atlas(Atlas.open(source.path), config=selection))
            continue
        atlas, layer = layer_of(source.path, atlases)
        if atlas is not None and layer is not None:
            _add(report, check_atlas(atlas, layers=[layer], config=selection))
        else:
            _add(report, check_source(source, selection, progress))
    return report


def selection_for(source: Source, options: Mapping[str, Any], config: Selection | None = None) -> Selection:
    """What is looked for in a file: the options over the configuration given, or over the one nearest to the file."""
    base = config if config is not None else nearest(Path.cwd() if source.path is None else _folder(source.path))
    return make_selection(**options, config=base)


def layer_of(path: Path | None, atlases: dict[Path, Atlas | None]) -> tuple[Atlas | None, str | None]:
    """The atlas and the layer that a file is, if it is one; atlases that were opened are remembered."""
    from corridormap.atlas import Atlas
    from corridormap.errors import DataError

    folder = None if path is None or path.suffix.lower() != ".geojson" else path.parent.parent
    if path is None or folder is None or not (folder / "atlas.toml").is_file():
        return None, None
    if folder not in atlases:
        try:
            atlases[folder] = Atlas.open(folder)
        except DataError:
            atlases[folder] = None
    atlas = atlases[folder]
    layers = [] if atlas is None else [record.id for record in atlas.layers if atlas.layer_path(record.id) == path]
    return atlas, layers[0] if layers else None


def _size(source: Source) -> int:
    try:
        return source.path.stat().st_size if source.path is not None and source.kind != "atlas" else 0
    except OSError:
        return 0


def check_atlas(
    atlas: Atlas,
    *,
    layers: Sequence[str] | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    severity: str | None = None,
    max_findings: int | None = None,
    config: Selection | None = None,
) -> Report:
    """Check an atlas: its facts, its layers, and the text and structure of each layer's file that is sound otherwise.

    Parameters
    ----------
    atlas : Atlas
        The atlas.
    layers : sequence of str, optional
        Check these layers only, and leave the facts alone.
    select, ignore, severity, max_findings, config
        As with `check_files`; by default the configuration in the atlas's own atlas.toml holds.

    Raises
    ------
    UsageError
        If the atlas has no such layer, or a code or severity does not exist.
    """
    from corridormap.checks import validate

    base = config if config is not None else nearest(atlas.folder)
    selection = make_selection(select=select, ignore=ignore, severity=severity, max_findings=max_findings, config=base)
    found = validate(atlas, layers=layers)
    report = Report()
    records = [atlas.layer_record(layer) for layer in layers] if layers is not None else atlas.layers
    ill = {finding.file for finding in found}
    for record in records:
        path = atlas.layer_path(record.id)
        if str(path) not in ill:
            # What the atlas's own rules found ill would only be told twice.
            part = check_source(Source(path, str(path), "GeoJSON"), selection, None, families=("CM0", "CM1"))
            _add(report, part)
        else:
            report.checked.append(Checked(file=str(path)))
    kept = [finding for finding in found if finding.code in selection.codes(finding.file or "")]
    report.dropped += max(0, len(kept) - selection.max_findings)
    report.findings = gravest(kept, selection.max_findings) + report.findings
    return report


def check_source(
    source: Source, selection: Selection, progress: Progress | None = None, *, families: tuple[str, ...] | None = None
) -> Report:
    """Check one file, all layers of it."""
    codes = selection.codes(source.name)
    if families is not None:
        codes = frozenset(code for code in codes if code.startswith(families))
    if source.trouble is not None:
        check = FileCheck(source.name, codes, selection.max_findings)
        check.fault("CM001", source.trouble)
        return _report(check, source.kind)
    if source.kind not in {"GeoJSON", "GeoJSON text sequence"}:
        from corridormap.checks.reading.foreign import check_foreign

        return check_foreign(source, codes, selection.max_findings, progress)
    check = FileCheck(source.name, codes, selection.max_findings)
    kind = source.kind
    try:
        if source.path is None:
            kind = _read(sys.stdin.buffer, source, check, progress)
        else:
            with source.path.open("rb") as stream:
                kind = _read(stream, source, check, progress)
    except OSError as error:
        check.fault("CM001", f"cannot be read: {error.strerror or error}")
    except MemoryError:
        check.fault("CM013", "is too large for the memory there is")
    check.conclude()
    return _report(check, kind)


def _read(stream: BinaryIO, source: Source, check: FileCheck, progress: Progress | None) -> str:
    chunks = Chunks(stream, progress)
    chunks.more()
    if (
        source.kind == "GeoJSON text sequence"
        or chunks.buffer[:1] == SEPARATOR
        or (source.path is None and _looks_like_lines(chunks.buffer))
    ):
        SequenceReader(chunks, check).run()
        return "GeoJSON text sequence"
    DocumentReader(chunks, check).run()
    return "GeoJSON"


def _looks_like_lines(head: bytes) -> bool:
    """Whether each of the first lines is an object by itself."""
    from corridormap.checks.reading.decode import split

    lines = [line for line in head[: 1 << 20].split(b"\n")[:3] if line.strip()]
    return len(lines) > 1 and all(line.lstrip().startswith(b"{") and split(line) is not None for line in lines[:2])


def _report(check: FileCheck, kind: str) -> Report:
    return Report(
        findings=check.findings(),
        checked=[Checked(file=check.file, format=kind, features=check.features, vertices=check.vertices)],
        dropped=check.dropped,
    )


def _add(report: Report, part: Report) -> None:
    report.findings += part.findings
    report.checked += part.checked
    report.dropped += part.dropped


def _folder(path: Path) -> Path:
    return path if path.is_dir() else path.parent
