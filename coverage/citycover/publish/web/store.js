// Where geometries come from: arrays in the page, or compressed chunks that are unpacked when they come into view.
"use strict";

// `columns` are arrays by row (plain) or null (chunked: they lie in the chunks); `changed` is called when chunks arrive.
CC.Store = function (packed, columns, changed) {
  this.changed = changed || (() => {});
  this.waiting = 0;
  if (packed.chunks) {
    this.names = packed.columns;
    this.chunks = packed.chunks.map((chunk) => ({
      x0: CC.worldX(chunk[0] / 1e6),
      y0: CC.worldY(chunk[3] / 1e6),
      x1: CC.worldX(chunk[2] / 1e6),
      y1: CC.worldY(chunk[1] / 1e6),
      data: chunk[4],
      used: 0,
      part: null,
    }));
    return;
  }
  const part = CC.geometry(packed);
  part.columns = {};
  Object.keys(columns || {}).forEach((name) => {
    part.columns[name] = part.rowsAlike ? columns[name] : Array.from(part.row, (row) => columns[name][row]);
  });
  this.plain = [part];
};

CC.Store.MOST = 600; // chunks kept unpacked

CC.Store.prototype.parts = function (view) {
  if (this.plain) return this.plain;
  const found = [];
  const s = view.scale;
  const now = ++CC.Store.clock;
  for (const chunk of this.chunks) {
    const seen =
      chunk.x1 * s - view.left >= -40 &&
      chunk.x0 * s - view.left <= view.width + 40 &&
      chunk.y1 * s - view.top >= -40 &&
      chunk.y0 * s - view.top <= view.height + 40;
    if (!seen) continue;
    chunk.used = now;
    if (chunk.part) found.push(chunk.part);
    else this._ask(chunk);
  }
  return found;
};
CC.Store.clock = 0;

CC.Store.prototype._ask = function (chunk) {
  if (chunk.asked) return;
  chunk.asked = true;
  this.waiting += 1;
  CC.inflate(chunk.data).then((bytes) => {
    chunk.part = CC.decode(bytes, this.names);
    chunk.asked = false;
    this.waiting -= 1;
    if (!this.waiting) {
      this._forget();
      this.changed();
    }
  });
};

CC.Store.prototype._forget = function () {
  const held = this.chunks.filter((chunk) => chunk.part);
  if (held.length <= CC.Store.MOST) return;
  held.sort((a, b) => a.used - b.used);
  held.slice(0, held.length - CC.Store.MOST).forEach((chunk) => (chunk.part = null));
};

CC.inflate = function (text) {
  const raw = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer().then((buffer) => new Uint8Array(buffer));
};

CC.decode = function (bytes, names) {
  let at = 0;
  const next = () => {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = bytes[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
  };
  const take = (n) => Int32Array.from({ length: n }, next);
  const n = next();
  const packed = { n: n, f: null, t: take(n), r: take(n) };
  packed.m = take(packed.r.reduce((sum, rings) => sum + rings, 0));
  const columns = {};
  names.forEach((name) => (columns[name] = take(n)));
  const points = packed.m.reduce((sum, count) => sum + count, 0);
  packed.xy = Int32Array.from({ length: 2 * points }, () => {
    const value = next();
    return value % 2 ? -(value + 1) / 2 : value / 2;
  });
  const part = CC.geometry(packed);
  part.columns = columns;
  return part;
};

// Pieces of a part that may touch the view: by a grid over their boxes where there are many.
CC.near = function (g, view, pad) {
  const found = [];
  if (g.n < 3000) {
    for (let i = 0; i < g.n; i++) if (CC.inView(g, i, view, pad)) found.push(i);
    return found;
  }
  if (!g.cells) g.cells = CC.cells(g);
  const c = g.cells;
  const s = view.scale;
  const column = (x) => Math.max(0, Math.min(c.side - 1, Math.floor((x - c.x0) / c.wide)));
  const row = (y) => Math.max(0, Math.min(c.side - 1, Math.floor((y - c.y0) / c.tall)));
  const c0 = column((view.left - pad) / s - c.halfX);
  const c1 = column((view.left + view.width + pad) / s + c.halfX);
  const r0 = row((view.top - pad) / s - c.halfY);
  const r1 = row((view.top + view.height + pad) / s + c.halfY);
  for (const i of c.large) if (CC.inView(g, i, view, pad)) found.push(i);
  for (let r = r0; r <= r1; r++) {
    for (let k = c.start[r * c.side + c0]; k < c.start[r * c.side + c1 + 1]; k++) {
      if (CC.inView(g, c.items[k], view, pad)) found.push(c.items[k]);
    }
  }
  return found.sort((a, b) => a - b);
};

CC.cells = function (g) {
  const side = 64;
  let x0 = Infinity;
  let y0 = Infinity;
  let x1 = -Infinity;
  let y1 = -Infinity;
  for (let i = 0; i < g.n; i++) {
    x0 = Math.min(x0, g.x0[i]);
    y0 = Math.min(y0, g.y0[i]);
    x1 = Math.max(x1, g.x1[i]);
    y1 = Math.max(y1, g.y1[i]);
  }
  const wide = Math.max((x1 - x0) / side, 1e-12);
  const tall = Math.max((y1 - y0) / side, 1e-12);
  const large = [];
  const cell = new Int32Array(g.n).fill(-1);
  const start = new Int32Array(side * side + 1);
  let halfX = 0;
  let halfY = 0;
  for (let i = 0; i < g.n; i++) {
    const hx = (g.x1[i] - g.x0[i]) / 2;
    const hy = (g.y1[i] - g.y0[i]) / 2;
    if (hx > 2 * wide || hy > 2 * tall) {
      large.push(i);
      continue;
    }
    halfX = Math.max(halfX, hx);
    halfY = Math.max(halfY, hy);
    const c = Math.min(side - 1, Math.floor(((g.x0[i] + g.x1[i]) / 2 - x0) / wide));
    const r = Math.min(side - 1, Math.floor(((g.y0[i] + g.y1[i]) / 2 - y0) / tall));
    cell[i] = r * side + c;
    start[cell[i] + 1] += 1;
  }
  for (let k = 0; k < side * side; k++) start[k + 1] += start[k];
  const place = start.slice();
  const items = new Int32Array(g.n - large.length);
  for (let i = 0; i < g.n; i++) if (cell[i] >= 0) items[place[cell[i]]++] = i;
  return { side, x0, y0, wide, tall, halfX, halfY, start, items, large };
};
