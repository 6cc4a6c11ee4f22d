// Tools on the map: filters by district and builder, measuring, printing on A3.
"use strict";

// What passes the filter: a theme's rows that have neither a district nor a builder of another kind.
CC.applyFilter = function (app) {
  const chosen = app.filter;
  app.themes.forEach((theme) => {
    theme.keep = null;
    const tests = ["district", "builder"].filter((name) => chosen[name] && theme.packed[name]);
    if (!tests.length) return;
    const columns = tests.map((name) => CC.column(theme.packed[name]));
    const rows = columns[0].length;
    theme.keep = Uint8Array.from({ length: rows }, (_, row) =>
      columns.every((column, n) => column[row] === chosen[tests[n]]) ? 1 : 0
    );
  });
  CC.showFigures(app);
  CC.countGroups(app);
  app.themes.forEach((theme) => app.repaint(theme));
  app.layers.picked.repaint();
};

CC.countGroups = function (app) {
  app.themes.forEach((theme) => {
    const n = new Array(theme.groups.length).fill(0);
    theme.group.forEach((group, row) => {
      if (!theme.keep || theme.keep[row]) n[group] += 1;
    });
    document.querySelectorAll('[data-theme="' + theme.id + '"] .cc-tick b').forEach((cell, i) => {
      if (i < n.length) cell.textContent = String(n[i]);
    });
  });
};

CC.filterBox = function (box, app) {
  const words = app.study.words;
  const filters = app.study.filters;
  const choose = (name, label, options) => {
    if (options.length < 2) return;
    const row = CC.make("label", "cc-filter", label);
    const select = CC.make("select");
    select.id = "cc-filter-" + name;
    [["", words.all_of_them], ...options].forEach((pair) => {
      const option = CC.make("option", "", pair[1]);
      option.value = pair[0];
      select.appendChild(option);
    });
    select.addEventListener("change", () => {
      app.filter[name] = select.value;
      CC.applyFilter(app);
    });
    row.appendChild(select);
    box.appendChild(row);
  };
  choose("district", words.district, filters.districts);
  choose("builder", words.builder, filters.builders);
};

// A ruler: click points, read the length; a second press of the button, or Escape, ends it.
CC.Ruler = function (app) {
  this.app = app;
  this.on = false;
  this.points = [];
  this.line = L.polyline([], { color: "#1a1a1a", weight: 2, dashArray: "6 4", interactive: false });
  this.label = CC.make("output", "cc-ruler");
  this.label.setAttribute("aria-live", "polite");
  document.body.appendChild(this.label);
};

CC.Ruler.prototype.toggle = function (button) {
  this.on = !this.on;
  this.points = [];
  this.line.setLatLngs([]);
  button.setAttribute("aria-pressed", String(this.on));
  document.body.classList.toggle("cc-measuring", this.on);
  if (this.on) this.line.addTo(this.app.map);
  else this.line.remove();
  this.show();
};

CC.Ruler.prototype.add = function (latlng) {
  this.points.push(latlng);
  this.line.setLatLngs(this.points);
  this.show();
};

CC.Ruler.prototype.length = function () {
  let total = 0;
  for (let i = 1; i < this.points.length; i++) total += this.app.map.distance(this.points[i - 1], this.points[i]);
  return total;
};

CC.Ruler.prototype.show = function () {
  const words = this.app.study.words;
  this.label.style.display = this.on ? "block" : "none";
  const metres = this.length();
  const told = metres < 1000 ? metres.toFixed(0) + " m" : (metres / 1000).toFixed(2) + " km";
  this.label.textContent = this.points.length > 1 ? told : words.measure_hint;
};

CC.toolBar = function (app) {
  const words = app.study.words;
  const bar = CC.make("div", "cc-tools");
  const button = (sign, label, press) => {
    const made = CC.make("button", "", sign);
    made.type = "button";
    made.title = label;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", () => press(made));
    bar.appendChild(made);
    return made;
  };
  app.ruler = new CC.Ruler(app);
  const ruler = button(words.measure_short, words.measure, (made) => app.ruler.toggle(made));
  ruler.id = "cc-measure";
  ruler.setAttribute("aria-pressed", "false");
  button(words.print_short, words.print_a3, () => CC.print(app)).id = "cc-print";
  document.body.appendChild(bar);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && app.ruler.on) app.ruler.toggle(ruler);
  });
};

// Lay the page out as a sheet of A3, let the map draw itself at that size, print, and go back.
CC.print = function (app) {
  const seen = app.map.getBounds();
  const centre = app.map.getCenter();
  const zoom = app.map.getZoom();
  const lay = (on) => {
    document.body.classList.toggle("cc-a3", on);
    app.map.invalidateSize({ animate: false, pan: false });
    if (on) app.map.fitBounds(seen, { animate: false });
    else app.map.setView(centre, zoom, { animate: false });
  };
  lay(true);
  setTimeout(() => {
    window.print();
    lay(false);
  }, 400);
};
