// What the study found: views, mandates, cameras and gaps, each drawn by shape and pattern as well as by colour.
"use strict";

CC.GAP_STYLE = {
  high: { dash: [], hatch: "cross", symbol: "triangle", width: 5 },
  medium: { dash: [11, 5], hatch: "lines", symbol: "diamond", width: 4.5 },
  low: { dash: [2, 6], hatch: "dots", symbol: "circle", width: 4 },
  none: { dash: [12, 4, 2, 4], hatch: "lines", symbol: "square", width: 4 },
};

// A theme unpacks its columns at once and its geometry when it is first shown.
CC.Theme = function (packed, colours) {
  this.packed = packed;
  this.id = packed.id;
  this.kind = packed.kind || packed.id; // how it is drawn and called
  this.side = packed.side || ""; // of a page with two states: before or after
  this.groups = packed.groups;
  this.colours = colours;
  this.group = CC.column(packed.group);
  this.on = packed.groups.map((group) => group.on);
  this.picked = -1;
  this.keep = null; // rows that pass the filter; null: all
};

CC.Theme.prototype.geometry = function () {
  if (!this._geometry) {
    this._geometry = CC.geometry(this.packed.geometry);
    this.style = CC.column(this.packed.style);
    if (this.packed.azimuth) this.azimuth = CC.column(this.packed.azimuth);
    if (this.packed.hfov) this.hfov = CC.column(this.packed.hfov);
    this.packed.geometry = null;
  }
  return this._geometry;
};

CC.Theme.prototype.anyOn = function () {
  return this.on.some(Boolean);
};

CC.Theme.prototype.shows = function (row) {
  return this.on[this.group[row]] && (!this.keep || this.keep[row] === 1);
};

CC.Theme.prototype.names = function () {
  if (!this._names) this._names = CC.column(this.packed.names);
  return this._names;
};

CC.Theme.prototype.ids = function () {
  if (!this._ids) this._ids = CC.column(this.packed.ids);
  return this._ids;
};

CC.Theme.prototype.fields = function (row) {
  if (!this._fields) {
    this._fields = this.packed.fields.map((field) => ({ label: field.label, values: CC.column(field) }));
  }
  return this._fields
    .map((field) => [field.label, field.values[row]])
    .filter((pair) => pair[1] !== null && pair[1] !== "");
};

CC.Theme.prototype.bounds = function (row) {
  const g = this.geometry();
  let bounds = null;
  for (let i = 0; i < g.n; i++) {
    if (g.row[i] !== row) continue;
    const box = L.latLngBounds(CC.latLng(g.x0[i], g.y1[i]), CC.latLng(g.x1[i], g.y0[i]));
    bounds = bounds ? bounds.extend(box) : box;
  }
  return bounds;
};

// A point on the feature itself: the middle one of its first line or ring, not the middle of its box.
CC.Theme.prototype.anchor = function (row) {
  const g = this.geometry();
  for (let i = 0; i < g.n; i++) {
    if (g.row[i] !== row) continue;
    if (g.type[i] === 2) {
      const inside = CC.latLng((g.x0[i] + g.x1[i]) / 2, (g.y0[i] + g.y1[i]) / 2);
      return inside;
    }
    const from = g.pointFrom[g.ringFrom[i]];
    const k = (from + g.pointFrom[g.ringFrom[i] + 1] - 1) / 2;
    const low = Math.floor(k);
    const high = Math.ceil(k);
    return CC.latLng((g.X[low] + g.X[high]) / 2, (g.Y[low] + g.Y[high]) / 2);
  }
  return null;
};

// Rows under a pixel of the view, topmost first.
CC.Theme.prototype.under = function (view, x, y) {
  if (!this.anyOn()) return [];
  const g = this.geometry();
  const found = [];
  const spot = { left: view.left + x, top: view.top + y, width: 0, height: 0, scale: view.scale };
  for (const i of CC.near(g, spot, 12).reverse()) {
    if (!this.shows(g.row[i])) continue;
    if (CC.touches(g, i, view, x, y, 6) && found.indexOf(g.row[i]) < 0) found.push(g.row[i]);
  }
  return found;
};

CC.Theme.prototype.paint = function (view) {
  if (!this.anyOn()) return;
  const g = this.geometry();
  const draw = this["_" + this.kind];
  for (const i of CC.near(g, view, 40)) {
    const row = g.row[i];
    if (this.shows(row)) draw.call(this, view, g, i, row);
  }
  view.ctx.setLineDash([]);
};

CC.Theme.prototype._views = function (view, g, i, row) {
  const ctx = view.ctx;
  const sure = this.style[row] === "exact" || this.style[row] === "low";
  ctx.beginPath();
  CC.trace(g, i, view);
  ctx.fillStyle = ctx.strokeStyle = this.groups[this.group[row]].colour;
  ctx.globalAlpha = this.kind === "zones" ? 0.45 : sure ? 0.16 : 0.07;
  ctx.fill("evenodd");
  ctx.globalAlpha = 0.45;
  ctx.lineWidth = 0.8;
  ctx.setLineDash(sure ? [] : [3, 4]);
  if (view.z >= 16) ctx.stroke();
  ctx.globalAlpha = 1;
};

CC.Theme.prototype._zones = CC.Theme.prototype._views;

// Public cells: a tint by class with its share as text; what is not shown is hatched.
CC.Theme.prototype._cells = function (view, g, i, row) {
  const ctx = view.ctx;
  const group = this.groups[this.group[row]];
  const held = group.key === "held";
  ctx.beginPath();
  CC.trace(g, i, view);
  ctx.fillStyle = held ? CC.hatch("lines", group.colour) : group.colour;
  ctx.globalAlpha = held ? 0.35 : 0.6;
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.setLineDash([]);
  ctx.lineWidth = 1;
  ctx.strokeStyle = "#4d6a80";
  ctx.stroke();
  if (held || (g.x1[i] - g.x0[i]) * view.scale < 46) return;
  const [x, y] = CC.middle(g, i, view);
  ctx.font = "bold 15px " + CC.FONT;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineWidth = 4;
  ctx.strokeStyle = "rgba(255,255,255,0.9)";
  ctx.strokeText(this.style[row], x, y);
  ctx.fillStyle = "#12304a";
  ctx.fillText(this.style[row], x, y);
};

CC.Theme.prototype._mandates = function (view, g, i, row) {
  const ctx = view.ctx;
  const group = this.groups[this.group[row]];
  const undecided = this.style[row] === "undecided";
  ctx.strokeStyle = ctx.fillStyle = group.colour;
  ctx.setLineDash(undecided ? [3, 4] : []);
  let [x, y] = CC.middle(g, i, view);
  if (g.type[i] === 0) {
    CC.symbol(ctx, "square", x, y, 5);
    ctx.globalAlpha = undecided ? 0.15 : 0.85;
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.lineWidth = 1.2;
    ctx.stroke();
    y -= 13;
  } else {
    ctx.beginPath();
    CC.trace(g, i, view);
    if (g.type[i] === 2) {
      ctx.globalAlpha = undecided ? 0.05 : 0.14;
      ctx.fill("evenodd");
    }
    ctx.globalAlpha = g.type[i] === 1 ? 0.55 : 0.9;
    ctx.lineWidth = g.type[i] === 1 ? 5 : 1.6;
    ctx.stroke();
    ctx.globalAlpha = 1;
  }
  const wide = Math.max(g.x1[i] - g.x0[i], g.y1[i] - g.y0[i]) * view.scale;
  if ((g.type[i] === 0 ? view.z >= 17 : wide > 60) && group.tag) {
    if (g.type[i] === 1) {
      const k = (g.pointFrom[g.ringFrom[i]] + g.pointFrom[g.ringFrom[i] + 1] - 1) >> 1;
      [x, y] = CC.at(g, k, view);
    }
    ctx.font = "bold 12px " + CC.FONT;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.setLineDash([]);
    ctx.strokeStyle = "rgba(255,255,255,0.92)";
    ctx.lineWidth = 3;
    ctx.strokeText(group.tag, x, y);
    ctx.fillText(group.tag, x, y);
  }
};

CC.Theme.prototype._cameras = function (view, g, i, row) {
  const ctx = view.ctx;
  const [x, y] = CC.at(g, CC.firstPoint(g, i), view);
  CC.camera(ctx, x, y, view.z, this.style[row], this.azimuth[row], this.hfov[row], this.colours.camera);
};

// Counts: a filled disc with its wedge. Range: a ring. No: a grey cross. Too far out: a dot of the same colour.
CC.camera = function (ctx, x, y, z, counts, azimuth, hfov, colours) {
  const colour = colours[counts] || colours.no;
  ctx.fillStyle = ctx.strokeStyle = colour;
  ctx.setLineDash([]);
  const r = (z >= 17 ? 4.5 : z >= 15 ? 3.4 : 2.4) * (counts === "new" ? 1.5 : 1);
  const sure = counts === "yes" || counts === "new";
  if (z >= 15 && azimuth !== null && counts !== "no") {
    const reach = z >= 17 ? 20 : 13;
    const aim = ((azimuth - 90) * Math.PI) / 180;
    const half = ((hfov === null ? 0 : Math.min(hfov, 360)) * Math.PI) / 360;
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.arc(x, y, reach, aim - half, aim + half);
    ctx.closePath();
    ctx.globalAlpha = 0.35;
    ctx.fill();
    ctx.globalAlpha = 0.9;
    ctx.lineWidth = half ? 0.8 : 1.8;
    ctx.stroke();
    ctx.globalAlpha = 1;
  }
  if (counts === "no") {
    CC.symbol(ctx, "cross", x, y, r * 0.85);
    ctx.strokeStyle = "#ffffff";
    ctx.lineWidth = 3.6;
    ctx.stroke();
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1.8;
    ctx.stroke();
    return;
  }
  CC.symbol(ctx, "circle", x, y, r);
  ctx.fillStyle = sure ? colour : "#ffffff";
  ctx.fill();
  ctx.strokeStyle = sure ? "#ffffff" : colour;
  ctx.lineWidth = sure ? 1.2 : 2;
  ctx.stroke();
};

// Ground at risk: hatched, its edge dashed where the obstacle is not there yet.
CC.Theme.prototype._obstructions = function (view, g, i, row) {
  const ctx = view.ctx;
  const colour = this.groups[this.group[row]].colour;
  ctx.beginPath();
  CC.trace(g, i, view);
  ctx.fillStyle = CC.hatch("dots", colour);
  ctx.globalAlpha = 0.6;
  ctx.fill("evenodd");
  ctx.globalAlpha = 0.9;
  ctx.lineWidth = 1.2;
  ctx.strokeStyle = colour;
  ctx.setLineDash(this.style[row] === "standing" ? [] : [5, 4]);
  ctx.stroke();
  ctx.globalAlpha = 1;
};

// A planned site: its wedge and a square, in the colour of what is done there.
CC.Theme.prototype._sites = function (view, g, i, row) {
  const [x, y] = CC.at(g, CC.firstPoint(g, i), view);
  const group = this.groups[this.group[row]];
  const ctx = view.ctx;
  CC.site(ctx, x, y, view.z, this.azimuth[row], this.hfov[row], group.colour, this.style[row] === "new");
  if (!group.tag || view.z < 15) return;
  ctx.font = "bold 12px " + CC.FONT;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineWidth = 3;
  ctx.strokeStyle = "rgba(255,255,255,0.92)";
  ctx.strokeText(group.tag, x, y - 13);
  ctx.fillStyle = group.colour;
  ctx.fillText(group.tag, x, y - 13);
};

CC.site = function (ctx, x, y, z, azimuth, hfov, colour, fresh) {
  ctx.fillStyle = ctx.strokeStyle = colour;
  ctx.setLineDash([]);
  const r = z >= 17 ? 6 : z >= 15 ? 4.6 : 3.2;
  if (z >= 14 && azimuth !== null) {
    const reach = z >= 17 ? 42 : 24;
    const aim = ((azimuth - 90) * Math.PI) / 180;
    const half = ((hfov === null ? 30 : Math.min(hfov, 360)) * Math.PI) / 360;
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.arc(x, y, reach, aim - half, aim + half);
    ctx.closePath();
    ctx.globalAlpha = 0.4;
    ctx.fill();
    ctx.globalAlpha = 1;
  }
  CC.symbol(ctx, "square", x, y, r);
  ctx.fillStyle = fresh ? colour : "#ffffff";
  ctx.fill();
  ctx.strokeStyle = fresh ? "#ffffff" : colour;
  ctx.lineWidth = fresh ? 1.4 : 2.4;
  ctx.stroke();
};

// A hollow sign about the camera, so that the camera stays to be seen: octagon, diamond or broken ring by level.
CC.Theme.prototype._conflicts = function (view, g, i, row) {
  const [x, y] = CC.at(g, CC.firstPoint(g, i), view);
  const small = view.z < 15 ? 0.55 : view.z < 17 ? 0.8 : 1;
  CC.conflict(view.ctx, x, y, this.style[row], this.groups[this.group[row]].colour, small);
};

CC.conflict = function (ctx, x, y, level, colour, small) {
  const kind = { error: "octagon", review: "diamond" }[level] || "circle";
  ctx.setLineDash([]);
  CC.symbol(ctx, kind, x, y, 9 * small);
  ctx.strokeStyle = "#ffffff";
  ctx.lineWidth = 4.5 * small;
  ctx.stroke();
  if (kind === "circle") ctx.setLineDash([3, 3]);
  ctx.strokeStyle = colour;
  ctx.lineWidth = (level === "error" ? 2.6 : 1.8) * small;
  ctx.stroke();
  ctx.setLineDash([]);
};

// A proposal is a pin, joined by lines with the cameras that stand for it: solid where sure, broken where only possible.
CC.Theme.prototype._duplicates = function (view, g, i, row) {
  const ctx = view.ctx;
  const group = this.groups[this.group[row]];
  const sure = this.style[row] === "certain";
  ctx.strokeStyle = group.colour;
  if (g.type[i] === 1) {
    ctx.beginPath();
    CC.trace(g, i, view);
    for (const [colour, width] of [["rgba(255,255,255,0.9)", 5], [group.colour, 2.4]]) {
      ctx.setLineDash(sure || width > 4 ? [] : [6, 5]);
      ctx.strokeStyle = colour;
      ctx.lineWidth = width;
      ctx.stroke();
    }
    return;
  }
  const [x, y] = CC.at(g, CC.firstPoint(g, i), view);
  CC.pin(ctx, x, y, group.colour, this.style[row], view.z < 15 ? 0.6 : 1);
};

CC.pin = function (ctx, x, y, colour, standing, small) {
  ctx.setLineDash([]);
  CC.symbol(ctx, standing === "certain" ? "diamond" : standing === "possible" ? "triangle" : "square", x, y, 8 * small);
  ctx.strokeStyle = "#ffffff";
  ctx.lineWidth = 3.5 * small;
  ctx.stroke();
  ctx.fillStyle = standing === "none" ? "#ffffff" : colour;
  ctx.fill();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2;
  ctx.stroke();
};

CC.Theme.prototype._gaps = function (view, g, i, row) {
  const group = this.groups[this.group[row]];
  const style = CC.GAP_STYLE[this.style[row]];
  const colour = group.colour || this.colours.priority[this.style[row]];
  const small = view.z < 15 ? 0.4 : view.z < 16 ? 0.55 : view.z < 17 ? 0.75 : 1;
  if (g.type[i] === 0) {
    const [x, y] = CC.at(g, CC.firstPoint(g, i), view);
    CC.gapPoint(view.ctx, x, y, style, colour, small, Boolean(group.colour));
  } else {
    view.ctx.beginPath();
    CC.trace(g, i, view);
    CC.gapPath(view.ctx, g.type[i], style, colour, small, Boolean(group.colour));
  }
};

CC.gapPoint = function (ctx, x, y, style, colour, small, hollow) {
  ctx.setLineDash([]);
  CC.symbol(ctx, style.symbol, x, y, 7 * small);
  ctx.strokeStyle = "#ffffff";
  ctx.lineWidth = 3.5 * small;
  ctx.stroke();
  ctx.fillStyle = hollow ? "#ffffff" : colour;
  ctx.fill();
  ctx.strokeStyle = hollow ? colour : "#3b0a0a";
  ctx.lineWidth = hollow ? 2 : 1;
  ctx.stroke();
};

CC.gapPath = function (ctx, type, style, colour, small, hollow) {
  ctx.lineCap = style.dash.length ? "butt" : "round";
  if (type === 2) {
    ctx.fillStyle = CC.hatch(style.hatch, colour);
    ctx.globalAlpha = hollow ? 0.3 : 0.55;
    ctx.fill("evenodd");
    ctx.globalAlpha = 1;
    ctx.lineWidth = 1.8 * small;
    ctx.strokeStyle = colour;
    ctx.setLineDash(hollow ? [4, 3] : []);
    ctx.stroke();
    return;
  }
  ctx.setLineDash([]);
  ctx.strokeStyle = "rgba(255,255,255,0.85)";
  ctx.lineWidth = (style.width + 2.5) * small;
  ctx.stroke();
  ctx.setLineDash(style.dash.map((part) => part * small));
  if (style.dash[0] === 2) ctx.lineCap = "round";
  ctx.strokeStyle = colour;
  ctx.lineWidth = (hollow ? 2 : style.width) * small;
  ctx.stroke();
  ctx.lineCap = "butt";
};

// A ring around the picked row, in dark and light so that it shows on any ground.
CC.Theme.prototype.paintPicked = function (view) {
  if (this.picked < 0) return;
  const g = this.geometry();
  const ctx = view.ctx;
  for (let i = 0; i < g.n; i++) {
    if (g.row[i] !== this.picked || !CC.inView(g, i, view, 40)) continue;
    ctx.beginPath();
    if (g.type[i] === 0) {
      const [x, y] = CC.at(g, CC.firstPoint(g, i), view);
      ctx.arc(x, y, 13, 0, 7);
    } else CC.trace(g, i, view);
    const line = g.type[i] === 1;
    for (const [colour, width] of [["#111111", line ? 13 : 5], ["#00d5ff", line ? 10 : 3]]) {
      ctx.globalAlpha = line ? 0.45 : 1;
      ctx.strokeStyle = colour;
      ctx.lineWidth = width;
      ctx.stroke();
    }
    ctx.globalAlpha = 1;
  }
};
