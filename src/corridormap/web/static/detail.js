/* Lines that travel thinned get their detail from a file of vector tiles once the reader comes near. A stretch between two vertices that were kept is
   filled only by a line of the same id that passes both and strays no farther than the thinning allows: whatever the file says, the map stays true. */
"use strict";
(function (cm) {
  const NEAR = 7.5;
  const AT_ONCE = 6;
  const MOST_IN_VIEW = 60;
  const MOST_FAILURES = 3;
  const MOST_VERTICES = 2_000_000;
  const MOST_BETWEEN = 20_000;
  const EQUATOR_M = 40_075_017;

  /** In tiles of the file's zoom, from the world's corner, and back. */
  const toTiles = (zoom, { lat, lng }) => {
    const sine = Math.sin((lat * Math.PI) / 180);
    return [((lng + 180) / 360) * 2 ** zoom, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 2 ** zoom];
  };
  const toPlace = (zoom, [x, y]) =>
    L.latLng((Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 2 ** zoom))) * 180) / Math.PI, (x / 2 ** zoom) * 360 - 180);

  /** Things by place, found again within a distance. */
  function grid(cell) {
    const cells = new Map();
    const key = (x, y) => `${x} ${y}`;
    return {
      add([x, y], thing) {
        const name = key(Math.floor(x / cell), Math.floor(y / cell));
        if (!cells.has(name)) cells.set(name, []);
        cells.get(name).push(thing);
      },
      near([x, y]) {
        const [column, row] = [Math.floor(x / cell), Math.floor(y / cell)];
        return [-1, 0, 1].flatMap((dx) => [-1, 0, 1].flatMap((dy) => cells.get(key(column + dx, row + dy)) || []));
      },
    };
  }

  const apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

  function offSegment(point, a, b) {
    const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
    const along = Math.max(0, Math.min(1, ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / (dx * dx + dy * dy || 1)));
    return apart(point, [a[0] + dx * along, a[1] + dy * along]);
  }

  /** The parts of a line inside its tile, whose sides are 1 long; cut where it crosses them. */
  function cut(points, x, y) {
    const found = [];
    let open = null;
    for (let i = 1; i < points.length; i += 1) {
      const [a, b] = [points[i - 1], points[i]];
      let [from, to] = [0, 1];
      for (const [axis, low] of [[0, x], [1, y]]) {
        const step = b[axis] - a[axis];
        const sides = [(low - a[axis]) / step, (low + 1 - a[axis]) / step].sort((one, other) => one - other);
        if (step) [from, to] = [Math.max(from, sides[0]), Math.min(to, sides[1])];
        else if (a[axis] < low || a[axis] > low + 1) to = -1;
      }
      if (from >= to) {
        open = null;
        continue;
      }
      const at = (share) => [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
      if (!open || from > 0) found.push(open = [from > 0 ? at(from) : a]);
      open.push(to < 1 ? at(to) : b);
      if (to < 1) open = null;
    }
    return found;
  }

  /** Pieces of neighbouring tiles joined where one ends and the next begins. */
  function chains(pieces) {
    const reach = Math.max(...pieces.map((piece) => 4 / piece.extent));
    const starts = grid(reach);
    const onSide = ([x, y]) => [x, y].some((value) => Math.abs(value - Math.round(value)) < reach / 2);
    pieces.forEach((piece) => starts.add(piece.points[0], piece));
    const after = new Map();
    const led = new Set();
    for (const piece of pieces) {
      const end = piece.points.at(-1);
      if (!onSide(end)) continue;
      const next = starts.near(end).filter((other) => other.tile !== piece.tile && !led.has(other) && apart(other.points[0], end) < reach)
        .sort((one, other) => apart(one.points[0], end) - apart(other.points[0], end))[0];
      if (!next) continue;
      after.set(piece, next);
      led.add(next);
    }
    const seen = new Set();
    // Those that nothing leads to come first; what is left are rings.
    return [...pieces.filter((piece) => !led.has(piece)), ...pieces].flatMap((first) => {
      const points = [];
      for (let piece = first; piece && !seen.has(piece); piece = after.get(piece)) {
        seen.add(piece);
        for (const point of piece.points) points.push(point);
      }
      return points.length ? [points] : [];
    });
  }

  /** A thinned line: its places, and for each stretch between two of them what was found to lie there. */
  class Thinned {
    constructor(layer, id, places, shown, draw) {
      Object.assign(this, { layer, id, places, shown, draw, found: new Array(places.length - 1).fill(null) });
    }

    /** Where the line lies on tiles of this zoom, how far the true line may be off it, and what rounding may have moved. */
    on(zoom) {
      if (this.vertices) return;
      this.vertices = this.places.map((place) => toTiles(zoom, place));
      const stretch = 1 / Math.cos((Math.max(...this.places.map((place) => Math.abs(place.lat))) * Math.PI) / 180);
      this.off = ((1.5 * cm.data.tiles_from.thinned_m) / EQUATOR_M) * 2 ** zoom * stretch;
      this.rounded = (2 ** zoom / 360 / cm.data.links.scale) * stretch;
    }

    /** The tiles that a stretch may pass. */
    tiles(k) {
      const [a, b] = [this.vertices[k], this.vertices[k + 1]];
      const count = Math.ceil(apart(a, b) * 8) + 1;
      const found = new Set();
      for (let i = 0; i <= count; i += 1) {
        const [x, y] = [a[0] + ((b[0] - a[0]) * i) / count, a[1] + ((b[1] - a[1]) * i) / count];
        const reach = this.off + 0.07;
        for (const dx of [-reach, reach]) for (const dy of [-reach, reach]) found.add(`${Math.floor(x + dx)} ${Math.floor(y + dy)}`);
      }
      return [...found];
    }

    isIn(k, [west, north, east, south]) {
      const [a, b] = [this.vertices[k], this.vertices[k + 1]];
      return Math.max(a[0], b[0]) + this.off > west && Math.min(a[0], b[0]) - this.off < east &&
        Math.max(a[1], b[1]) + this.off > north && Math.min(a[1], b[1]) - this.off < south;
    }

    /** Fill stretches from a chain; gives how many. */
    fill(chain, extent, zoom) {
      const near = this.rounded + 2 / extent;
      const index = grid(near);
      chain.forEach((point, j) => index.add(point, j));
      const meets = this.vertices.map((vertex, k) => (this.found[k] && this.found[k - 1] ? [] : index.near(vertex)
        .filter((j) => apart(chain[j], vertex) <= near).sort((i, j) => apart(chain[i], vertex) - apart(chain[j], vertex)).slice(0, 4)));
      let count = 0;
      for (let k = 0; k < this.found.length; k += 1) {
        if (this.found[k]) continue;
        const pairs = meets[k].flatMap((from) => meets[k + 1].map((to) => [from, to])).filter(([from, to]) => from < to && to - from < MOST_BETWEEN)
          .sort((one, other) => one[1] - one[0] - (other[1] - other[0]));
        for (const [from, to] of pairs) {
          const between = chain.slice(from + 1, to);
          if (!between.every((point) => offSegment(point, this.vertices[k], this.vertices[k + 1]) <= this.off)) continue;
          this.found[k] = between.map((point) => toPlace(zoom, point));
          count += 1;
          break;
        }
      }
      return count;
    }

    whole() {
      return this.places.flatMap((place, k) => [place, ...(this.found[k] || [])]);
    }
  }

  /** The links, each drawn by steps of many lines. */
  function links(asked) {
    const names = asked.names || [];
    const users = new Map();
    for (const layer of Object.values(cm.layers)) {
      for (const feature of layer.features) {
        const ways = feature.shape && feature.shape.w;
        if (layer.id === asked.layer && ways) names[Math.abs(ways[0][0]) - 1] = feature.id;
        for (const line of feature.parts) {
          for (const step of line.steps || []) {
            if (!users.has(step.link)) users.set(step.link, []);
            users.get(step.link).push({ step, line, layer });
          }
        }
      }
    }
    // Detail gets a link number of its own, under which the map draws it. Berths and chainage go by the first one.
    const instead = new Map();
    const berth = cm.berth;
    const put = (number) => users.forEach((list, link) => list.forEach(({ step }) => { step.link = number(link); }));
    cm.berth = function () {
      put((link) => link);
      berth();
      put((link) => instead.get(link) ?? link);
    };
    return cm.links.map((places, link) => {
      const own = users.get(link) || [];
      return new Thinned(asked.layer, names[link], places, () => own.some(({ layer }) => layer.visible), (whole) => {
        if (instead.has(link)) cm.links[instead.get(link)] = [];
        instead.set(link, cm.links.push(whole) - 1);
        for (const { step, line } of own) {
          step.link = instead.get(link);
          line.steps.ring_ = null;
        }
        return own.map(({ line }) => line);
      });
    });
  }

  /** Lines of layers that are not made of links. */
  function others() {
    return Object.values(cm.layers).flatMap((layer) => layer.features.filter((feature) => feature.shape && feature.shape.l).flatMap((feature) => {
      const strokes = feature.parts.length / feature.shape.l.length;
      return feature.shape.l.map((moves, piece) => {
        const parts = feature.parts.slice(piece * strokes, (piece + 1) * strokes);
        const places = cm.decode(moves, layer.record.scale).map((place) => L.latLng(place));
        return new Thinned(layer.id, feature.id, places, () => layer.visible, (whole) => {
          parts.forEach((line) => line.setLatLngs(whole));
          return [];
        });
      });
    }));
  }

  cm.on("start", (map) => {
    const asked = cm.data.tiles_from;
    const lines = [...links(asked), ...others()].filter((line) => line.id !== undefined && line.places.length > 1);
    const key = (layer, id) => `${layer}\n${id}`;
    const byKey = new Map(lines.map((line) => [key(line.layer, line.id), []]));
    lines.forEach((line) => byKey.get(key(line.layer, line.id)).push(line));
    const layers = new Set(lines.map((line) => line.layer));
    const pieces = new Map();
    const read = new Map();
    let file = null;
    let failures = 0;
    let vertices = 0;
    let filled = 0;
    let busy = false;
    let again = false;

    const Notice = L.Control.extend({ onAdd: () => cm.h("div", { class: "cm-quiet", role: "status", hidden: true }) });
    const notice = new Notice({ position: "bottomleft" }).addTo(map).getContainer();
    const say = () => { if (!notice.hidden) notice.textContent = cm.t("tiles_from.missing"); };
    function tell() {
      notice.hidden = false;
      say();
    }
    cm.on("language", say);

    /** Tiles that the lines in view want and that were not asked for yet, those amid the view first. */
    function wanted() {
      const bounds = map.getBounds();
      const [west, north] = toTiles(file.zoom, bounds.getNorthWest());
      const [east, south] = toTiles(file.zoom, bounds.getSouthEast());
      const found = new Set();
      for (const line of lines) {
        if (!line.shown()) continue;
        line.on(file.zoom);
        for (let k = 0; k < line.found.length; k += 1) {
          if (line.found[k] || !line.isIn(k, [west, north, east, south])) continue;
          line.tiles(k).filter((tile) => !read.has(tile)).forEach((tile) => found.add(tile));
        }
      }
      const middle = [(west + east - 1) / 2, (north + south - 1) / 2];
      return [...found].map((tile) => ({ tile, far: apart(tile.split(" ").map(Number), middle) })).sort((one, other) => one.far - other.far)
        .slice(0, MOST_IN_VIEW).map(({ tile }) => tile);
    }

    /** Read a tile; gives the keys of the lines it has pieces of. */
    async function take(tile) {
      read.set(tile, false);
      const [x, y] = tile.split(" ").map(Number);
      const bytes = x >= 0 && y >= 0 && x < 2 ** file.zoom && y < 2 ** file.zoom ? await file.tile(x, y) : null;
      const touched = new Set();
      for (const layer of bytes ? cm.readTile(bytes, (name) => layers.has(name)) : []) {
        for (const feature of layer.features) {
          const name = key(layer.name, feature.id);
          if (!byKey.has(name)) continue;
          if (!pieces.has(name)) pieces.set(name, []);
          for (const line of feature.lines) {
            vertices += line.length;
            if (vertices > MOST_VERTICES) throw new Error("too many vertices");
            const world = line.map(([px, py]) => [x + px / layer.extent, y + py / layer.extent]);
            for (const points of cut(world, x, y)) pieces.get(name).push({ tile, extent: layer.extent, points });
          }
          touched.add(name);
        }
      }
      read.set(tile, true);
      return touched;
    }

    function draw(touched) {
      const changed = new Set();
      for (const name of touched) {
        if (!pieces.get(name).length) continue;
        const extent = Math.min(...pieces.get(name).map((piece) => piece.extent));
        const joined = chains(pieces.get(name));
        for (const line of byKey.get(name)) {
          line.on(file.zoom);
          const count = joined.reduce((sum, chain) => sum + line.fill(chain, extent, file.zoom), 0);
          filled += count;
          if (count) line.draw(line.whole()).forEach((drawn) => changed.add(drawn));
        }
      }
      changed.forEach((line) => line.redraw());
    }

    async function some(tiles) {
      const results = await Promise.allSettled(tiles.map(take));
      failures += results.filter((result) => result.status === "rejected").length;
      if (failures) tell();
      draw(new Set(results.flatMap((result) => (result.status === "fulfilled" ? [...result.value] : []))));
    }

    async function look() {
      if (!file) {
        const url = new URL(asked.url, document.baseURI);
        if (!/^https?:$/.test(url.protocol)) throw new Error("no web here");
        file = await cm.openTiles(url.href);
      }
      const tiles = wanted();
      for (let i = 0; i < tiles.length && failures < MOST_FAILURES; i += AT_ONCE) await some(tiles.slice(i, i + AT_ONCE));
      // A file of other lines is no help, either.
      if (tiles.length && !filled) tell();
    }

    async function near() {
      again = busy;
      if (busy || failures >= MOST_FAILURES || map.getZoom() < NEAR) return;
      busy = true;
      try {
        await look();
      } catch {
        failures = MOST_FAILURES;
        tell();
      }
      busy = false;
      if (again) near();
    }
    map.on("moveend", near);
    cm.on("layers", near);
    near();
  });
})(window.corridormap);
