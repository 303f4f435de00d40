"""The map object: a folium map that draws an atlas by itself and takes any further folium layer."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import folium
from branca.element import Figure
from folium.template import Template

from corridormap.files import write_atomic
from corridormap.web import page, payload
from corridormap.web.tiles import find as find_tiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corridormap.atlas import Atlas


def render(
    atlas: Atlas,
    *,
    lang: str = "en",
    layers: Sequence[str] | None = None,
    embed: bool = False,
    tiles: str | None = None,
    tiles_from: str | None = None,
) -> CorridorMap:
    """Draw an atlas as a map.

    Parameters
    ----------
    atlas : Atlas
        An atlas whose layers are built.
    lang : str
        The language the map opens in; readers may change it on the page.
    layers : sequence of str, optional
        Ids of the layers to draw, by default all of them.
    embed : bool
        Whether the page opens folded for an article; see docs/embedding.md.
    tiles : str, optional
        Background tiles from the web, a keyless provider of xyzservices such as ``OpenStreetMap.Mapnik``; by default none.
    tiles_from : str, optional
        A PMTiles file that ``corridormap export mvt`` wrote, by its address or its path from the page: the page holds its lines thinned
        and reads their detail from there; by default it holds all itself.

    Returns
    -------
    CorridorMap
        Shows itself in a notebook; `CorridorMap.save` writes the page.

    Raises
    ------
    UsageError
        If the atlas has no such layer or language, there are no such tiles without a key, or a page may not read from `tiles_from`.
    DataError
        If a layer is not built.
    """
    return CorridorMap(atlas, lang=lang, layers=layers, embed=embed, tiles=tiles, tiles_from=tiles_from)


class CorridorMap(folium.Map):
    """An atlas as a `folium.Map`: add any folium layer to it as to every other map.

    Parameters
    ----------
    atlas : Atlas
        An atlas whose layers are built.
    lang : str
        The language the map opens in.
    layers : sequence of str, optional
        Ids of the layers to draw, by default all of them.
    embed : bool
        Whether the page opens folded for an article; see docs/embedding.md.
    tiles : str, optional
        Background tiles from the web, a keyless provider of xyzservices; by default none.
    tiles_from : str, optional
        Where the page reads the detail of its lines, a PMTiles file; by default it holds all itself.

    Notes
    -----
    The atlas's features never pass through folium's templates, which would run text as code: they travel as inert JSON. Layers a user adds
    are folium's own; if they need files or tiles from the web, the page's security policy names those hosts and the page requests them.
    """

    _template = Template(
        """
        {% macro html(this, kwargs) %}
            <div class="cm-app">
                <aside class="cm-panel" id="{{ this.get_name() }}_panel"></aside>
                <main class="cm-stage"><div class="cm-map" id="{{ this.get_name() }}"></div></main>
            </div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = corridormap.start({{ this.get_name()|tojson }});
        {% endmacro %}
        """
    )

    # folium fetches jQuery, Bootstrap and icon fonts from five hosts; the viewer needs Leaflet alone, which the page carries.
    default_js: list[tuple[str, str]] = []  # noqa: RUF012  folium's own attribute, a list there too
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    def __init__(
        self,
        atlas: Atlas,
        *,
        lang: str = "en",
        layers: Sequence[str] | None = None,
        embed: bool = False,
        tiles: str | None = None,
        tiles_from: str | None = None,
    ) -> None:
        self.payload = payload.build(atlas, lang=lang, layers=layers, tiles_from=tiles_from)
        if embed:
            self.payload["embed"] = True
        if tiles is not None:
            self.payload["tiles"] = find_tiles(tiles)
        west, south, east, north = atlas.record.view
        super().__init__(location=((south + north) / 2, (west + east) / 2), tiles=None)
        self.default_js, self.default_css = [], []
        _PageFigure().add_child(self)

    @classmethod
    def _generate_id(cls) -> str:
        # The page holds one map, and two runs must give the same bytes.
        return "corridormap"

    def html(self) -> str:
        """Give the whole page: one HTML document that needs nothing else."""
        return page.assemble(self, self.payload)

    def save(self, outfile: str | bytes | Path | BinaryIO, close_file: bool = True, **_: Any) -> None:  # noqa: FBT001, FBT002  as folium has it
        """Write the page to a file; a failure leaves the old file as it was.

        Parameters
        ----------
        outfile : str or Path
            The file; or, as folium has it, an open binary one.
        close_file : bool
            Whether to close an open file after writing.

        Raises
        ------
        WriteError
            If the file cannot be written.
        """
        if isinstance(outfile, str | bytes | Path):
            write_atomic(Path(os.fsdecode(outfile)), self.html())
            return
        outfile.write(self.html().encode())
        if close_file:
            outfile.close()

    def _repr_html_(self, **_: Any) -> str:
        title = self.payload["title"]
        name = title.get(self.payload["lang"]) or next(iter(title.values()), "")
        return (
            f'<iframe srcdoc="{escape(self.html())}" title="{escape(name)}" '
            'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox" '
            'style="width:100%;height:600px;border:0" loading="lazy"></iframe>'
        )


class _PageFigure(Figure):
    """The root of a `CorridorMap`, so that whoever renders the root, as folium's users do, gets the same page."""

    def render(self, **kwargs: Any) -> str:
        for child in self._children.values():
            if isinstance(child, CorridorMap):
                return child.html()
        text: str = super().render(**kwargs)
        return text
