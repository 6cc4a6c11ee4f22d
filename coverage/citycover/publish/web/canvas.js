// Draw packed geometries on canvas tiles, and find which of them lie under a point.
"use strict";

CC.FONT = '"PingFang SC","Microsoft YaHei","WenQuanYi Micro Hei","Noto Sans CJK SC",sans-serif';

// A grid of canvas tiles; `paint(view)` draws one. `repaint` draws all again in place, without a flicker.
CC.CanvasLayer = L.GridLayer.extend({
  options: { tileSize: 512, keepBuffer: 1, updateWhenZooming: false },
  initialize: function (paint, options) {
    this._paint = paint;
    L.setOptions(this, options);
  },
  createTile: function (coords) {
    const tile = document.createElement("canvas");
    if (CC.large) CC.later(tile, () => this._draw(tile, coords));
    else this._draw(tile, coords);
    return tile;
  },
  repaint: function () {
    Object.keys(this._tiles || {}).forEach((key) => {
      const tile = this._tiles[key];
      if (CC.large) CC.later(tile.el, () => this._draw(tile.el, tile.coords));
      else this._draw(tile.el, tile.coords);
    });
  },
  _draw: function (tile, coords) {
    const size = this.getTileSize().x;
    const dense = window.devicePixelRatio || 1;
    tile.width = tile.height = size * dense;
    const ctx = tile.getContext("2d");
    ctx.scale(dense, dense);
    ctx.lineJoin = "round";
    this._paint(CC.view(ctx, coords.z, coords.x * size, coords.y * size, size, size));
  },
});

// Of a large map tiles are painted one after the other, a few milliseconds of each frame: it stays smooth to pan.
CC.large = false;
CC.BUDGET = 25;
CC.queue = new Map();

CC.later = function (tile, paint) {
  CC.queue.set(tile, paint);
  if (CC.queue.size === 1) requestAnimationFrame(CC.paintQueue);
};

CC.paintQueue = function () {
  const start = performance.now();
  for (const [tile, paint] of CC.queue) {
    CC.queue.delete(tile);
    if (tile.isConnected) paint();
    if (performance.now() - start > CC.BUDGET) break;
  }
  if (CC.queue.size) requestAnimationFrame(CC.paintQueue);
};

// What a painter needs to know: where the canvas lies in the world, and how large a metre is on it.
CC.view = function (ctx, z, left, top, width, height) {
  const scale = Math.pow(2, z);
  const lat = CC.latLng(0, (top + height / 2) / scale).lat;
  const perMetre = (256 * scale) / (40075016.686 * Math.cos((lat * Math.PI) / 180));
  return { ctx: ctx, z: z, scale: scale, left: left, top: top, width: width, height: height, perMetre: perMetre };
};

CC.inView = function (g, i, view, pad) {
  const s = view.scale;
  return (
    g.x1[i] * s - view.left >= -pad &&
    g.x0[i] * s - view.left <= view.width + pad &&
    g.y1[i] * s - view.top >= -pad &&
    g.y0[i] * s - view.top <= view.height + pad
  );
};

CC.at = (g, k, view) => [g.X[k] * view.scale - view.left, g.Y[k] * view.scale - view.top];
CC.firstPoint = (g, i) => g.pointFrom[g.ringFrom[i]];
CC.middle = (g, i, view) => [
  ((g.x0[i] + g.x1[i]) / 2) * view.scale - view.left,
  ((g.y0[i] + g.y1[i]) / 2) * view.scale - view.top,
];

// Add a piece to the current path; points nearer than half a pixel to the last one are passed over.
CC.trace = function (g, i, view) {
  const ctx = view.ctx;
  for (let r = g.ringFrom[i]; r < g.ringFrom[i + 1]; r++) {
    const from = g.pointFrom[r];
    const to = g.pointFrom[r + 1];
    let px = 0;
    let py = 0;
    for (let k = from; k < to; k++) {
      const x = g.X[k] * view.scale - view.left;
      const y = g.Y[k] * view.scale - view.top;
      if (k === from) ctx.moveTo(x, y);
      else if (k < to - 1 && Math.abs(x - px) + Math.abs(y - py) < 0.5) continue;
      else ctx.lineTo(x, y);
      px = x;
      py = y;
    }
    if (g.type[i] === 2) ctx.closePath();
  }
};

// Is piece i within `reach` pixels of the pixel (x, y)? Inside a polygon counts.
CC.touches = function (g, i, view, x, y, reach) {
  const ring0 = g.ringFrom[i];
  if (g.type[i] === 0) {
    const [px, py] = CC.at(g, g.pointFrom[ring0], view);
    return Math.hypot(px - x, py - y) <= reach + 4;
  }
  let inside = false;
  for (let r = ring0; r < g.ringFrom[i + 1]; r++) {
    let [ax, ay] = CC.at(g, g.pointFrom[r], view);
    for (let k = g.pointFrom[r] + 1; k < g.pointFrom[r + 1]; k++) {
      const [bx, by] = CC.at(g, k, view);
      const dx = bx - ax;
      const dy = by - ay;
      const along = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
      if (Math.hypot(ax + along * dx - x, ay + along * dy - y) <= reach) return true;
      if (ay > y !== by > y && x < ax + ((y - ay) * dx) / dy) inside = !inside;
      ax = bx;
      ay = by;
    }
  }
  return g.type[i] === 2 && inside;
};

// A repeating hatch; its side divides the tile's, so that it runs on from tile to tile.
CC.hatch = function (kind, colour) {
  const key = kind + colour;
  if (CC.hatch.made[key]) return CC.hatch.made[key];
  const side = kind === "dots" ? 8 : 16;
  const cell = document.createElement("canvas");
  cell.width = cell.height = side;
  const ctx = cell.getContext("2d");
  ctx.strokeStyle = ctx.fillStyle = colour;
  ctx.lineWidth = 1.5;
  if (kind === "dots") {
    ctx.beginPath();
    ctx.arc(4, 4, 1.5, 0, 7);
    ctx.fill();
  } else {
    ctx.beginPath();
    for (const shift of kind === "cross" ? [-side, 0, side] : [-side, -side / 2, 0, side / 2, side]) {
      ctx.moveTo(shift, side);
      ctx.lineTo(shift + side, 0);
      if (kind === "cross") {
        ctx.moveTo(shift, 0);
        ctx.lineTo(shift + side, side);
      }
    }
    ctx.stroke();
  }
  CC.hatch.made[key] = ctx.createPattern(cell, "repeat");
  return CC.hatch.made[key];
};
CC.hatch.made = {};

CC.symbol = function (ctx, kind, x, y, r) {
  ctx.beginPath();
  if (kind === "triangle") {
    ctx.moveTo(x, y - r * 1.15);
    ctx.lineTo(x + r * 1.1, y + r * 0.85);
    ctx.lineTo(x - r * 1.1, y + r * 0.85);
    ctx.closePath();
  } else if (kind === "diamond") {
    ctx.moveTo(x, y - r * 1.2);
    ctx.lineTo(x + r * 1.2, y);
    ctx.lineTo(x, y + r * 1.2);
    ctx.lineTo(x - r * 1.2, y);
    ctx.closePath();
  } else if (kind === "octagon") {
    for (let k = 0; k < 8; k++) {
      const turn = ((2 * k + 1) * Math.PI) / 8;
      ctx.lineTo(x + r * 1.1 * Math.cos(turn), y + r * 1.1 * Math.sin(turn));
    }
    ctx.closePath();
  } else if (kind === "square") ctx.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
  else if (kind === "cross") {
    ctx.moveTo(x - r, y - r);
    ctx.lineTo(x + r, y + r);
    ctx.moveTo(x + r, y - r);
    ctx.lineTo(x - r, y + r);
  } else ctx.arc(x, y, r, 0, 7);
};
