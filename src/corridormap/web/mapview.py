"""The map object: a folium map that draws an atlas by itself and takes any further folium layer."""

from __future__ import annotations

import os
from base64 import b64encode
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import folium
from branca.element import Figure
from folium.template import Template

from corridormap import plot, words
from corridormap.antimeridian import continuous
from corridormap.errors import UsageError
from corridormap.files import write_atomic
from corridormap.plot.preview import DPI, preview, still
from corridormap.web import page, payload
from corridormap.web.embed import SANDBOX
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
    atlas, lang, layers, embed, tiles, tiles_from
        As for `corridormap.render`, which makes one.

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
                <main class="cm-stage">
                    <div class="cm-map" id="{{ this.get_name() }}"></div>
                    <figure class="cm-picture">
                        {{ this.still }}
                        <figcaption><b>{{ this.title|e }}</b><br>{{ this.still_note|e }}</figcaption>
                    </figure>
                </main>
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
        self.atlas = atlas
        background = None if tiles is None else find_tiles(tiles)
        self.payload = payload.build(atlas, lang=lang, layers=layers, tiles_from=tiles_from)
        if embed:
            self.payload["embed"] = True
        if background is not None:
            self.payload["tiles"] = background
        west, south, east, north = continuous(atlas.record.view)
        super().__init__(location=((south + north) / 2, (west + east) / 2), tiles=None)
        self.default_js, self.default_css = [], []
        _PageFigure().add_child(self)

    @classmethod
    def _generate_id(cls) -> str:
        # The page holds one map, and two runs must give the same bytes.
        return "corridormap"

    @property
    def _first_view(self) -> dict[str, Any]:
        """What the pictures of the first view show."""
        records = [self.atlas.layer_record(layer["id"]) for layer in self.payload["layers"] if layer["visible"]]
        return {"lang": self.payload["lang"], "records": records, "view": tuple(self.payload["view"])}

    @cached_property
    def still(self) -> str:
        """The first view as a picture, one SVG element."""
        return still(self.atlas, **self._first_view)

    def save_preview(self, path: Path) -> None:
        """Write a picture of 1200 × 630 pixels for those that show a preview of links to the page.

        Parameters
        ----------
        path : Path
            A name that ends in .png.

        Raises
        ------
        UsageError
            If the name ends in another way.
        CorridorMapError
            If matplotlib is not installed.
        WriteError
            If the file cannot be written.
        """
        if plot.check_format(path) != "png":
            raise UsageError(f"{path}: a picture for links is a PNG", hint="End the name in .png.")
        plot.save(preview(self.atlas, **self._first_view), path, dpi=DPI)

    @property
    def title(self) -> str:
        """The map's title in the language it opens in."""
        return page.text_of(self.payload["title"], self.payload)

    @property
    def still_note(self) -> str:
        """What is said of that picture where the map does not start."""
        return words.say("still.note", lang=self.payload["lang"])

    def html(self, *, url: str | None = None, preview: str | None = None) -> str:
        """Give the whole page: one HTML document that needs nothing else.

        Parameters
        ----------
        url : str, optional
            Where the page will be on the web.
        preview : str, optional
            The web address of a picture of it, for those that show a preview of a link.
        """
        return page.assemble(self, self.payload, url=url, preview=preview)[0]

    def html_and_assets(self, folder: str, *, url: str | None = None, preview: str | None = None) -> tuple[str, dict[str, str]]:
        """Give a page without scripts or styles of its own, for servers whose policy forbids these, and the files that hold them.

        Parameters
        ----------
        folder : str
            Address from the page of the folder with these files.
        url, preview : str, optional
            As for `html`.

        Returns
        -------
        tuple
            The document, and the text of each file by its name.
        """
        return page.assemble(self, self.payload, url=url, preview=preview, assets=folder)

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
        title = escape(self.title)
        picture = f"data:image/svg+xml;base64,{b64encode(self.still.encode()).decode()}"
        note = words.say("still.untrusted", lang=self.payload["lang"])
        # What stands within a frame is shown where the frame is dropped, as in a notebook that is not trusted.
        return (
            f'<iframe srcdoc="{escape(self.html())}" title="{title}" style="width:100%;height:600px;border:0" loading="lazy" '
            f'allow="fullscreen" sandbox="{SANDBOX}"><img src="{picture}" alt="{title}"><p>{escape(note)}</p></iframe>'
        )


class _PageFigure(Figure):
    """The root of a `CorridorMap`, so that whoever renders the root, as folium's users do, gets the same page."""

    def render(self, **kwargs: Any) -> str:
        for child in self._children.values():
            if isinstance(child, CorridorMap):
                return child.html()
        text: str = super().render(**kwargs)
        return text
