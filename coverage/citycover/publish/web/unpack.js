// Unpack the arrays that columnar.py packed: columns, and geometries in world units (256 wide at zoom 0).
"use strict";
window.CC = {};

CC.block = function (name) {
  const holder = document.getElementById("cc-" + name);
  return holder ? JSON.parse(holder.textContent) : null;
};

CC.column = function (packed) {
  if (packed.v) return packed.v;
  return packed.i.map((code) => (code < 0 ? null : packed.d[code]));
};

CC.worldX = (lon) => ((lon + 180) / 360) * 256;
CC.worldY = (lat) => (0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI)) * 256;

CC.geometry = function (packed) {
  const n = packed.n;
  const each = (values, i) => (typeof values === "number" ? values : values[i]);
  const total = packed.xy.length / 2;
  const g = {
    n: n,
    rowsAlike: !packed.f,
    row: Int32Array.from({ length: n }, (_, i) => (packed.f ? packed.f[i] : i)),
    type: Uint8Array.from({ length: n }, (_, i) => each(packed.t, i)),
    ringFrom: new Int32Array(n + 1),
    X: new Float64Array(total),
    Y: new Float64Array(total),
    x0: new Float64Array(n).fill(Infinity),
    y0: new Float64Array(n).fill(Infinity),
    x1: new Float64Array(n).fill(-Infinity),
    y1: new Float64Array(n).fill(-Infinity),
  };
  for (let i = 0; i < n; i++) g.ringFrom[i + 1] = g.ringFrom[i] + each(packed.r, i);
  const rings = g.ringFrom[n];
  g.pointFrom = new Int32Array(rings + 1);
  for (let r = 0; r < rings; r++) g.pointFrom[r + 1] = g.pointFrom[r] + each(packed.m, r);
  let lon = 0;
  let lat = 0;
  for (let k = 0; k < total; k++) {
    lon += packed.xy[2 * k];
    lat += packed.xy[2 * k + 1];
    g.X[k] = CC.worldX(lon / 1e6);
    g.Y[k] = CC.worldY(lat / 1e6);
  }
  for (let i = 0; i < n; i++) {
    const end = g.pointFrom[g.ringFrom[i + 1]];
    for (let k = g.pointFrom[g.ringFrom[i]]; k < end; k++) {
      if (g.X[k] < g.x0[i]) g.x0[i] = g.X[k];
      if (g.X[k] > g.x1[i]) g.x1[i] = g.X[k];
      if (g.Y[k] < g.y0[i]) g.y0[i] = g.Y[k];
      if (g.Y[k] > g.y1[i]) g.y1[i] = g.Y[k];
    }
  }
  return g;
};

CC.latLng = function (x, y) {
  const lat = (Math.atan(Math.exp((0.5 - y / 256) * 2 * Math.PI)) * 360) / Math.PI - 90;
  return L.latLng(lat, (x / 256) * 360 - 180);
};
