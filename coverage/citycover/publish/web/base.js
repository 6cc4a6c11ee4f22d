// The quiet ground: water, green, buildings, streets and rail of the study's own OpenStreetMap data, and street names.
"use strict";

CC.Base = function (packed, colours, changed) {
  this.c = colours;
  this.names = true;
  const store = (name, columns) => {
    const block = packed[name];
    if (!block) return null;
    const values = {};
    columns.forEach((key) => {
      if (block[key]) values[key] = CC.column(block[key]);
    });
    return new CC.Store(block, values, changed);
  };
  this.area = CC.geometry(packed.area);
  this.districts = packed.districts ? CC.geometry(packed.districts) : null;
  this.landscape = store("landscape", ["feature"]);
  this.buildings = store("buildings", []);
  const street = ["rank", "width", "name", "tunnel"];
  this.streets = [store("minor_streets", street), store("streets", street)].filter(Boolean);
  this.streetNames = packed.street_names;
};

// The name of a street: chunks hold its number in a list, plain blocks the name itself.
CC.Base.prototype.nameOf = function (part, i) {
  const name = part.columns.name[i];
  return typeof name === "number" ? this.streetNames[name] : name;
};

CC.Base.WEIGHT = [1.1, 1.1, 1.0, 0.85, 0.7, 0.5, 0.45, 0.38, 0.32, 0.26, 0.2];
CC.Base.SEEN_FROM = [0, 0, 0, 11, 12, 13, 13.5, 14, 14, 15, 15];

CC.Base.prototype.streetWidth = function (g, i, view) {
  const drawn = CC.Base.WEIGHT[g.columns.rank[i]] * 9 * Math.pow(2, (view.z - 16) * 0.75);
  return Math.max(drawn, (g.columns.width[i] || 0) * view.perMetre, 0.6);
};

CC.Base.prototype.paint = function (view) {
  const ctx = view.ctx;
  ctx.fillStyle = this.c.paper;
  ctx.fillRect(0, 0, view.width, view.height);
  if (this.landscape) this._landscape(view, ["compound", "green", "water"]);
  if (this.buildings && view.z >= 14) this._buildings(view);
  if (this.landscape) this._landscape(view, ["path"]);
  if (this.streets.length) this._streets(view);
  if (this.landscape) this._landscape(view, ["rail"]);
  this._frame(view);
};

CC.Base.prototype._landscape = function (view, features) {
  for (const g of this.landscape.parts(view)) {
    for (const i of CC.near(g, view, 6)) {
      const feature = g.columns.feature[i];
      if (features.indexOf(feature) >= 0 && (feature !== "path" || view.z >= 16)) this._feature(view, g, i, feature);
    }
  }
};

CC.Base.prototype._feature = function (view, g, i, feature) {
  const ctx = view.ctx;
  ctx.beginPath();
  CC.trace(g, i, view);
  if (g.type[i] === 2) {
    ctx.fillStyle = this.c[feature] || this.c.compound;
    ctx.fill("evenodd");
    if (feature === "compound" && view.z >= 15) {
      ctx.strokeStyle = "#d8d2c4";
      ctx.lineWidth = 1;
      ctx.stroke();
    }
  } else if (g.type[i] === 1) {
    ctx.strokeStyle = this.c[feature] || this.c.compound;
    ctx.lineWidth = feature === "water" ? Math.max(1, 6 * view.perMetre) : feature === "rail" ? 2 : 1.2;
    ctx.setLineDash(feature === "path" ? [4, 3] : []);
    ctx.stroke();
    if (feature === "rail" && view.z >= 14) {
      ctx.strokeStyle = this.c.paper;
      ctx.lineWidth = 1;
      ctx.setLineDash([5, 5]);
      ctx.stroke();
    }
    ctx.setLineDash([]);
  }
};

CC.Base.prototype._buildings = function (view) {
  const ctx = view.ctx;
  ctx.fillStyle = this.c.building;
  ctx.strokeStyle = "#c3bcae";
  ctx.lineWidth = 0.8;
  for (const g of this.buildings.parts(view)) {
    for (const i of CC.near(g, view, 2)) {
      const wide = (g.x1[i] - g.x0[i]) * view.scale;
      const tall = (g.y1[i] - g.y0[i]) * view.scale;
      if (wide < 3 && tall < 3) {
        if (wide > 0.6 || tall > 0.6) ctx.fillRect(g.x0[i] * view.scale - view.left, g.y0[i] * view.scale - view.top, wide, tall);
        continue;
      }
      ctx.beginPath();
      CC.trace(g, i, view);
      ctx.fill("evenodd");
      if (view.z >= 17) ctx.stroke();
    }
  }
};

CC.Base.prototype._streets = function (view) {
  const ctx = view.ctx;
  const shown = [];
  for (const store of this.streets) {
    if (store.chunks && view.z < 13.5) continue;
    for (const g of store.parts(view)) {
      for (const i of CC.near(g, view, 40)) {
        if (view.z >= CC.Base.SEEN_FROM[g.columns.rank[i]]) shown.push([g, i]);
      }
    }
  }
  ctx.lineCap = "round";
  for (const casing of [true, false]) {
    for (const [g, i] of shown) {
      const width = this.streetWidth(g, i, view);
      if (casing && width < 2) continue;
      const tunnel = g.columns.tunnel[i];
      ctx.strokeStyle = casing ? this.c.street : tunnel ? "#eeebe4" : "#ffffff";
      if (!casing && width < 2) ctx.strokeStyle = "#ddd8cc";
      ctx.lineWidth = casing ? width + 1.6 : width;
      if (casing && tunnel) {
        ctx.lineCap = "butt";
        ctx.setLineDash([4, 4]);
      }
      ctx.beginPath();
      CC.trace(g, i, view);
      ctx.stroke();
      ctx.setLineDash([]);
      ctx.lineCap = "round";
    }
  }
  ctx.lineCap = "butt";
};

// The border of the study, and a veil over what lies outside it.
CC.Base.prototype._frame = function (view) {
  const ctx = view.ctx;
  if (this.districts) {
    ctx.strokeStyle = "#9a93a8";
    ctx.lineWidth = 1.2;
    ctx.setLineDash([8, 3, 2, 3]);
    for (let i = 0; i < this.districts.n; i++) {
      ctx.beginPath();
      CC.trace(this.districts, i, view);
      ctx.stroke();
    }
  }
  ctx.beginPath();
  ctx.rect(-10, -10, view.width + 20, view.height + 20);
  for (let i = 0; i < this.area.n; i++) CC.trace(this.area, i, view);
  ctx.fillStyle = "rgba(120,116,108,0.16)";
  ctx.fill("evenodd");
  ctx.setLineDash([10, 5]);
  ctx.strokeStyle = "#55524c";
  ctx.lineWidth = 1.4;
  for (let i = 0; i < this.area.n; i++) {
    ctx.beginPath();
    CC.trace(this.area, i, view);
    ctx.stroke();
  }
  ctx.setLineDash([]);
};

// Street names on one canvas over the whole view, drawn again after each move: no name is cut by a tile.
CC.Names = L.Layer.extend({
  initialize: function (base) {
    this._base = base;
  },
  onAdd: function (map) {
    this._canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide cc-names", map.getPane("names"));
    map.on("moveend zoomend resize", this._draw, this);
    this._draw();
  },
  onRemove: function (map) {
    L.DomUtil.remove(this._canvas);
    map.off("moveend zoomend resize", this._draw, this);
  },
  _draw: function () {
    const map = this._map;
    const size = map.getSize();
    const dense = window.devicePixelRatio || 1;
    const canvas = this._canvas;
    canvas.width = size.x * dense;
    canvas.height = size.y * dense;
    canvas.style.width = size.x + "px";
    canvas.style.height = size.y + "px";
    L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
    const ctx = canvas.getContext("2d");
    ctx.scale(dense, dense);
    const corner = map.getPixelBounds().min;
    const view = CC.view(ctx, map.getZoom(), corner.x, corner.y, size.x, size.y);
    if (this._base.streets.length && this._base.names && view.z >= 14) this._place(view);
  },
  _place: function (view) {
    const base = this._base;
    const taken = [];
    const last = {};
    const shown = [];
    for (const store of base.streets.slice().reverse()) {
      if (store.chunks && view.z < 13.5) continue;
      for (const g of store.parts(view)) for (const i of CC.near(g, view, 0).reverse()) shown.push([g, i]);
    }
    for (const [g, i] of shown) {
      const name = base.nameOf(g, i);
      const rank = g.columns.rank[i];
      if (!name || view.z < (rank <= 3 ? 14 : rank <= 4 ? 15 : 16.5)) continue;
      const size = rank <= 3 ? 13 : 12;
      view.ctx.font = size + "px " + CC.FONT;
      const length = view.ctx.measureText(name).width;
      const leg = this._longestLeg(g, i, view);
      if (leg.length < length * 0.9) continue;
      const half = length / 2;
      const steep = Math.abs(Math.sin(leg.angle)) > 0.8 && /[\u4e00-\u9fff]/.test(name);
      const dx = steep ? size : Math.abs(Math.cos(leg.angle)) * half + size / 2;
      const dy = steep ? half + size / 2 : Math.abs(Math.sin(leg.angle)) * half + size / 2;
      const box = [leg.x - dx, leg.y - dy, leg.x + dx, leg.y + dy];
      if (box[0] < 0 || box[1] < 0 || box[2] > view.width || box[3] > view.height) continue;
      if (taken.some((t) => t[0] < box[2] && t[2] > box[0] && t[1] < box[3] && t[3] > box[1])) continue;
      if ((last[name] || []).some((p) => Math.hypot(p[0] - leg.x, p[1] - leg.y) < 320)) continue;
      taken.push(box);
      last[name] = (last[name] || []).concat([[leg.x, leg.y]]);
      this._write(view.ctx, name, leg, size, steep);
    }
  },
  _longestLeg: function (g, i, view) {
    let best = { length: 0, x: 0, y: 0, angle: 0 };
    const r = g.ringFrom[i];
    const from = g.pointFrom[r];
    const to = g.pointFrom[r + 1];
    let start = CC.at(g, from, view);
    for (let k = from + 1; k < to; k++) {
      const here = CC.at(g, k, view);
      const length = Math.hypot(here[0] - start[0], here[1] - start[1]);
      const chord = Math.atan2(here[1] - start[1], here[0] - start[0]);
      const next = k + 1 < to ? CC.at(g, k + 1, view) : null;
      const turn = next ? Math.abs(Math.sin(Math.atan2(next[1] - here[1], next[0] - here[0]) - chord)) : 1;
      if (length > best.length) {
        best = { length: length, x: (here[0] + start[0]) / 2, y: (here[1] + start[1]) / 2, angle: chord };
      }
      if (turn > 0.15) start = here;
    }
    return best;
  },
  _write: function (ctx, name, leg, size, steep) {
    ctx.save();
    ctx.translate(leg.x, leg.y);
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.strokeStyle = "rgba(255,255,255,0.9)";
    ctx.lineWidth = 3;
    ctx.lineJoin = "round";
    ctx.fillStyle = "#4a4741";
    if (steep) {
      const letters = Array.from(name);
      letters.forEach((letter, n) => {
        const y = (n - (letters.length - 1) / 2) * (size + 1);
        ctx.strokeText(letter, 0, y);
        ctx.fillText(letter, 0, y);
      });
    } else {
      let angle = leg.angle;
      if (angle > Math.PI / 2) angle -= Math.PI;
      if (angle < -Math.PI / 2) angle += Math.PI;
      ctx.rotate(angle);
      ctx.strokeText(name, 0, 0);
      ctx.fillText(name, 0, 0);
    }
    ctx.restore();
  },
});
