/* Chainage: how far along its way a place on a corridor lies, and which place lies at a chainage. Geodesic lengths, summed over the links. */
"use strict";
(function (cm) {
  const kept = new Map();
  let nodes = null;

  // Lines travel with coarser coordinates than points: a link's end and its node are the same place when they round to the same step.
  const steps = (place) => [place.lat, place.lng].map((degrees) => Math.round(degrees * cm.data.links.scale));
  const key = (place) => steps(place).join(" ");

  /** Named nodes by position: links end where places and crossings stand. Of two on one spot the place is named. */
  function nodesByPosition() {
    if (nodes) return nodes;
    nodes = new Map();
    for (const build of ["crossings", "places"]) {
      for (const layer of Object.values(cm.layers)) {
        if (layer.record.build !== build) continue;
        for (const feature of layer.features) {
          if (feature.shape && feature.shape.p) nodes.set(key(L.latLng(cm.decode(feature.shape.p, layer.record.scale)[0])), feature);
        }
      }
    }
    return nodes;
  }

  /** The node at a link's end; a point that was rounded twice may have come out one step off. */
  function nodeAt(place) {
    const [y, x] = steps(place);
    for (const dy of [0, -1, 1]) {
      for (const dx of [0, -1, 1]) {
        const node = nodesByPosition().get(`${y + dy} ${x + dx}`);
        if (node) return node;
      }
    }
    return null;
  }

  /** The ways of a feature made of links, each { places, metres (from its start, at each place), km, nodes: [{ feature, km }] }. Kept. */
  cm.waysOf = function (feature) {
    if (!feature.shape || !feature.shape.w) return [];
    if (!kept.has(feature)) kept.set(feature, feature.shape.w.map(way));
    return kept.get(feature);
  };

  function way(signedLinks) {
    const places = [];
    const stops = [];
    for (const signed of signedLinks) {
      const link = cm.links[Math.abs(signed) - 1];
      const ordered = signed > 0 ? link : link.slice().reverse();
      if (!places.length) stops.push(0);
      // The end of one link is the start of the next.
      places.push(...(places.length ? ordered.slice(1) : ordered));
      stops.push(places.length - 1);
    }
    const metres = cm.geo.chain(places);
    const passed = stops.map((stop) => ({ feature: nodeAt(places[stop]), km: metres[stop] / 1000 }));
    return { places, metres, km: metres.at(-1) / 1000, nodes: passed.filter((node) => node.feature) };
  }

  function neighbours(line, km) {
    // Within a metre of a node a place is at the node, which then is the one before and the one after.
    const near = 0.001;
    const told = (node) => (node ? { feature: node.feature, km: node.km, distance_m: Math.abs(km - node.km) * 1000 } : null);
    return { before: told(line.nodes.filter((node) => node.km <= km + near).at(-1)), after: told(line.nodes.find((node) => node.km >= km - near)) };
  }

  /**
   * The chainage of the place on a feature's ways nearest to a given one; null for a feature that is not made of links. Gives
   * { km, offset_m (how far the given place is off the line), way (its number, from 0), latlng (on the line), start (first named node, or null),
   *   before, after (the nearest nodes, each null or { feature, km, distance_m }) }.
   */
  cm.chainage = function (feature, latlng) {
    let best = null;
    cm.waysOf(feature).forEach((line, number) => {
      const found = cm.geo.nearest(line.places, latlng, line.metres);
      // Where ways share a stretch the first of them counts, unless another is nearer by more than rounding.
      if (found && (!best || found.off < best.found.off - 0.5)) best = { found, line, number };
    });
    if (!best) return null;
    const { found, line, number } = best;
    const km = found.metres / 1000;
    return { km, offset_m: found.off, way: number, latlng: found.latlng, start: line.nodes[0] || null, ...neighbours(line, km) };
  };

  /** The place at a chainage of a feature's way (the first, unless told); null beyond its ends. Gives { latlng, km, way, before, after }. */
  cm.alongKm = function (feature, km, number) {
    const line = cm.waysOf(feature)[number || 0];
    // A millimetre over the end is rounding.
    if (!line || !(km >= 0) || km > line.km + 1e-6) return null;
    return { latlng: cm.geo.along(line.places, km * 1000, line.metres).latlng, km, way: number || 0, ...neighbours(line, km) };
  };
})(window.corridormap);
