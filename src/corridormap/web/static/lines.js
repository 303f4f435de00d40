/* Lines: corridors that share a link run side by side; rail and road differ by more than colour; what is uncertain is dashed. */
"use strict";
(function (cm) {
  const paths = new Map();

  /** Where places lie at zoom 0, in pixels of the world; worked out once, for from zoom to zoom they only scale. */
  function world(map, places) {
    places.world_ = places.world_ || places.map((place) => map.project(place, 0));
    return places.world_;
  }

  /** A link's way over the screen at a zoom, in pixels of the world, freed of bends too small to see; the same for all that share it. */
  function linkPath(map, link, zoom) {
    let kept = paths.get(link);
    if (!kept || kept.zoom !== zoom) {
      const scale = 2 ** zoom;
      const points = world(map, cm.links[link]).map((point) => L.point(point.x * scale, point.y * scale));
      kept = { zoom, points: L.LineUtil.simplify(points, 1) };
      paths.set(link, kept);
    }
    return kept.points;
  }

  /** Lines and areas that project their places once, however often the zoom changes. */
  const scaling = {
    _projectLatlngs(places, result, bounds) {
      if (!(places[0] instanceof L.LatLng)) {
        places.forEach((part) => this._projectLatlngs(part, result, bounds));
        return;
      }
      const scale = 2 ** this._map.getZoom();
      const origin = this._map.getPixelOrigin();
      result.push(world(this._map, places).map((point) => {
        const moved = L.point(Math.round(point.x * scale) - origin.x, Math.round(point.y * scale) - origin.y);
        bounds.extend(moved);
        return moved;
      }));
    },
  };
  const Line = L.Polyline.extend(scaling);
  const Area = L.Polygon.extend(scaling);

  /** Move a path sideways; each step carries its own distance, right of the direction of travel. */
  function sideways(points, offsets) {
    const directions = [];
    for (let i = 0; i < points.length - 1; i += 1) {
      const step = points[i + 1].subtract(points[i]);
      const length = Math.hypot(step.x, step.y) || 1;
      directions.push({ x: step.x / length, y: step.y / length, length });
    }
    const at = (point, direction, offset, along) =>
      L.point(point.x - direction.y * offset + direction.x * along, point.y + direction.x * offset + direction.y * along);
    const moved = [at(points[0], directions[0], offsets[0], 0)];
    for (let i = 1; i < points.length - 1; i += 1) {
      const before = directions[i - 1];
      const after = directions[i];
      if (offsets[i - 1] === offsets[i]) {
        const nx = -(before.y + after.y);
        const ny = before.x + after.x;
        const size = Math.hypot(nx, ny);
        if (size > 0.6) {
          // The mitre of the two steps; where they nearly turn back it would shoot away, and is cut off below.
          const reach = (offsets[i] * 2) / (size * size);
          moved.push(L.point(points[i].x + nx * reach, points[i].y + ny * reach));
          continue;
        }
        moved.push(at(points[i], before, offsets[i], 0), at(points[i], after, offsets[i], 0));
      } else {
        // From one berth to another: slant over a few pixels rather than jump.
        moved.push(at(points[i], before, offsets[i - 1], -Math.min(6, before.length / 2)));
        moved.push(at(points[i], after, offsets[i], Math.min(6, after.length / 2)));
      }
    }
    const last = directions.length - 1;
    moved.push(at(points[points.length - 1], directions[last], offsets[last], 0));
    return moved;
  }

  /** A run of links as a Leaflet line; `steps` are {link, forward, berth}, the berth counted in line widths. */
  const SharedLine = L.Polyline.extend({
    initialize(steps, options) {
      this.steps = steps;
      const places = steps.flatMap((step) => (step.forward ? cm.links[step.link] : cm.links[step.link].slice().reverse()));
      L.Polyline.prototype.initialize.call(this, places, options);
    },
    _projectLatlngs(_places, result, bounds) {
      const ring = ringOf(this._map, this.steps);
      ring.forEach((point) => bounds.extend(point));
      result.push(ring);
    },
  });

  const tenth = (value) => Math.round(value * 10) / 10;

  /** The way of a run over the screen, from the map's pixel origin; a casing, its line and the dashes on it have it in common. */
  function ringOf(map, steps) {
    const zoom = map.getZoom();
    const origin = map.getPixelOrigin();
    const spacing = cm.spacing(zoom);
    const berths = steps.map((step) => [step.berth, step.aside]).join();
    const kept = steps.ring_;
    if (kept && kept.zoom === zoom && kept.berths === berths && kept.origin.equals(origin)) return kept.ring;
    const points = [];
    const offsets = [];
    for (const step of steps) {
      const path = linkPath(map, step.link, zoom);
      const ordered = step.forward ? path : path.slice().reverse();
      const start = points.length ? 1 : 0;
      for (let i = start; i < ordered.length; i += 1) points.push(ordered[i].subtract(origin));
      const offset = (step.berth + (step.aside || 0) * closeness(zoom)) * spacing;
      for (let i = 1; i < ordered.length; i += 1) offsets.push(offset);
    }
    const ring = (offsets.some(Boolean) ? sideways(points, offsets) : points).map((point) => L.point(tenth(point.x), tenth(point.y)));
    steps.ring_ = { zoom, origin, berths, ring };
    return ring;
  }

  /** How much thinner lines are on a map of the whole country than on one of a province. */
  cm.slimness = (zoom) => Math.max(0.62, Math.min(1.15, 0.62 + (zoom - 3.75) * 0.26));

  cm.spacing = (zoom) => (zoom >= 5 ? 4.4 * Math.min(1.15, cm.slimness(zoom)) : 3.6 * cm.slimness(zoom));

  /** How far roads step aside for railways: wholly up to zoom 7, not at all from zoom 9 on, where both have room. */
  const closeness = (zoom) => Math.max(0, Math.min(1, (9 - zoom) / 2));

  const uncertain = (style, link) =>
    !cm.data.links.open[link] || (style.dash_over_m !== undefined && cm.data.links.accuracy_m[link] > style.dash_over_m);

  /** Split a feature's ways into runs that are dashed throughout or not at all; a link driven twice is drawn once. */
  function runs(feature) {
    const style = feature.layer.record.style;
    const drawn = new Set();
    const found = [];
    for (const way of feature.shape.w) {
      let run = null;
      for (const signed of way) {
        const link = Math.abs(signed) - 1;
        if (drawn.has(link)) {
          run = null;
          continue;
        }
        drawn.add(link);
        const dashed = uncertain(style, link);
        if (!run || run.dashed !== dashed) {
          run = { dashed, steps: [] };
          found.push(run);
        }
        run.steps.push({ link, forward: signed > 0, berth: 0 });
      }
    }
    return found;
  }

  /** Give every shown corridor its berth on every link it shares: in order of number, on sides fixed by the first of them; and to roads
      along a railway the distance that takes them past its corridors where the map is too small to tell the two apart. */
  cm.berth = function () {
    const riders = new Map();
    for (const layer of Object.values(cm.layers)) {
      if (layer.record.build !== "itineraries" || !layer.visible) continue;
      for (const feature of layer.features.slice().sort((a, b) => (a.properties.number ?? 99) - (b.properties.number ?? 99))) {
        for (const step of new Set(feature.parts.flatMap((part) => part.steps || []))) {
          if (!riders.has(step.link)) riders.set(step.link, []);
          riders.get(step.link).push({ feature, step });
        }
      }
    }
    const wide = (link) => new Set((riders.get(link) || []).map((rider) => rider.feature)).size;
    for (const [link, steps] of riders) {
      const features = [...new Set(steps.map((rider) => rider.feature))];
      const rail = cm.data.links.beside[link];
      const aside = rail && wide(Math.abs(rail) - 1) ? (Math.sign(rail) * (wide(Math.abs(rail) - 1) + features.length)) / 2 : 0;
      const eastward = steps[0].step.forward;
      for (const { feature, step } of steps) {
        const berth = features.indexOf(feature) - (features.length - 1) / 2;
        step.berth = step.forward === eastward ? berth : -berth;
        step.aside = step.forward ? aside : -aside;
        step.alone = features.length === 1 && !aside;
      }
    }
  };

  /** All lines in one drawing, lower levels first: a drawing of each level's own would be one more picture to compose at every step. */
  const LEVELS = ["hit", "under", "casing", "line"];
  const Levels = L.SVG.extend({
    _initContainer() {
      L.SVG.prototype._initContainer.call(this);
      this._levels = Object.fromEntries(LEVELS.map((level) => [level, this._rootGroup.appendChild(L.SVG.create("g"))]));
    },
    _addPath(line) {
      if (!this._rootGroup) this._initContainer();
      this._levels[line.options.level].appendChild(line._path);
      line.addInteractiveTarget(line._path);
    },
  });
  const renderer = new Levels({ pane: "cm-line" });

  function strokes(feature, dashed) {
    const symbol = cm.symbol(feature);
    const width = symbol.width || 2;
    const mode = feature.properties.mode;
    const dash = symbol.dash || (mode === "sea" ? "1 6" : dashed ? "7 6" : null);
    const casing = feature.layer.record.style.casing;
    // Thin lines of the network and the border go under the corridors.
    const level = feature.layer.record.build === "itineraries" ? "line" : "under";
    const made = [{ part: "hit", color: "#000000", opacity: 0, base: 14, fixed: true, level: "hit" }];
    if (casing) made.push({ part: "casing", color: casing, base: width + 2.2, level: "casing", dashArray: null });
    made.push({ part: "line", color: symbol.colour, base: width, level, dashArray: dash });
    // A railway is a line with pale dashes along its middle; a road is plain. Colour is never the only difference.
    if (mode === "rail" && !dash) made.push({ part: "core", color: "#ffffff", base: width * 0.42, level, dashArray: "5 5" });
    return made;
  }

  /** Draw a feature that is made of lines. */
  cm.drawLines = function (feature) {
    const layer = feature.layer;
    const shape = feature.shape;
    if (!shape) return;
    const pieces = shape.w
      ? runs(feature)
      : shape.l.map((moves) => ({
        dashed: layer.record.style.dash_over_m !== undefined && feature.properties.accuracy_m > layer.record.style.dash_over_m,
        line: cm.decode(moves, layer.record.scale),
      }));
    for (const piece of pieces) {
      for (const stroke of strokes(feature, piece.dashed)) {
        const interactive = stroke.part === "hit" || stroke.part === "line";
        const options = {
          renderer, pane: "cm-line", level: stroke.level, color: stroke.color, weight: stroke.base, opacity: stroke.opacity ?? 1, dashArray: stroke.dashArray,
          interactive, bubblingMouseEvents: false, smoothFactor: piece.steps ? 0 : 1, className: `cm-${stroke.part} cm-in-${layer.id}`,
          lineCap: stroke.part === "core" || stroke.dashArray ? "butt" : "round", lineJoin: "round",
        };
        const line = piece.steps ? new SharedLine(piece.steps, options) : new Line(piece.line, options);
        line.stroke_ = stroke;
        line.feature_ = feature;
        if (piece.steps) line.steps = piece.steps;
        if (interactive) listen(line, feature);
        feature.parts.push(line);
        layer.group.addLayer(line);
      }
    }
  };

  function listen(line, feature) {
    line.on("click", (event) => cm.openPopup(feature, event.latlng));
    line.on("mouseover", () => cm.highlight(feature));
    line.on("mouseout", () => cm.highlight(null));
    line.bindTooltip(() => cm.h("span", null, cm.title(feature)), { sticky: true, direction: "top", offset: [0, -8], className: "cm-tooltip" });
  }

  /** A feature's name with its number, where it has one. */
  cm.title = (feature) =>
    (feature.properties.number !== undefined && feature.properties.number !== null ? `${feature.properties.number} · ` : "") + cm.name(feature);

  /** Raise one corridor and fade the others; with null, show all alike again. */
  cm.highlight = function (chosen) {
    const fades = chosen && chosen.layer.record.build === "itineraries";
    for (const layer of Object.values(cm.layers)) {
      if (layer.record.build !== "itineraries" || !layer.visible) continue;
      for (const feature of layer.features) {
        for (const line of feature.parts) {
          const element = line.getElement && line.getElement();
          if (element) element.classList.toggle("cm-faded", Boolean(fades && feature !== chosen));
          if (element && fades && feature === chosen && line.stroke_.part !== "hit") line.bringToFront();
        }
      }
    }
  };

  /** Fit line widths to the zoom. */
  cm.slim = function (map) {
    const factor = cm.slimness(map.getZoom());
    for (const layer of Object.values(cm.layers)) {
      for (const feature of layer.features) {
        for (const line of feature.parts) {
          if (!line.stroke_ || line.stroke_.fixed) continue;
          line.options.weight = line.stroke_.base * factor;
          const element = line.getElement();
          if (element) element.setAttribute("stroke-width", String(tenth(line.options.weight)));
        }
      }
    }
  };

  /** Draw the backdrop: land, the atlas's own country, boundaries, waters; the paper beneath is sea or land, whichever goes on outside. */
  cm.drawBackdrop = function (map) {
    const renderer = L.svg({ pane: "cm-backdrop", padding: 0.2 });
    const [west, south, east, north] = cm.data.paper;
    const still = { pane: "cm-backdrop", renderer, interactive: false, smoothFactor: 1 };
    if (cm.data.surround === "land") {
      L.rectangle([[south, west], [north, east]], { ...still, stroke: false, fillOpacity: 1, className: "cm-sea" }).addTo(map);
    }
    const order = ["land", "country", "water", "boundary"];
    const layers = cm.data.backdrop.slice().sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
    for (const layer of layers) {
      for (const { shape } of layer.features) {
        if (!shape || shape.p) continue;
        const options = { ...still, className: `cm-${layer.kind}`, fillOpacity: 1, opacity: 1, weight: layer.kind === "land" ? 0 : 1 };
        if (shape.a) new Area(shape.a.map((rings) => rings.map((ring) => cm.decode(ring, layer.scale))), options).addTo(map);
        else new Line(shape.l.map((moves) => cm.decode(moves, layer.scale)), { ...options, fill: false }).addTo(map);
      }
    }
  };
})(window.corridormap);
