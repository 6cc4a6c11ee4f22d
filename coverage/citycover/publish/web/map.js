// Start the map: panes, painters, clicks, popups, and the address of a gap (#gap=…).
"use strict";

CC.start = function (map) {
  const study = CC.block("study");
  const repaintBase = () => {
    if (!CC.app || !CC.app.layers.base) return;
    CC.app.layers.base.repaint();
    CC.app.names._draw();
  };
  const base = new CC.Base(CC.block("base"), study.colours, repaintBase);
  CC.large = Boolean(base.buildings && base.buildings.chunks);
  const themes = study.themes.map((name) => new CC.Theme(CC.block(name), study.colours));
  const app = { map: map, study: study, base: base, themes: themes, layers: {}, filter: { district: "", builder: "" } };
  CC.app = app;
  document.body.classList.add("cc-body");
  if (window.innerWidth < 720) document.body.classList.add("cc-folded");
  CC.panes(app);
  app.repaint = (theme) => app.layers[theme.id].repaint();
  app.open = (theme, row) => CC.open(app, theme, row);
  CC.buildPanel(app);
  CC.toolBar(app);
  document.body.appendChild(CC.make("div", "cc-stamp", study.mark));
  map.invalidateSize();
  map.fitBounds(study.bounds, CC.room(12));
  L.control.scale({ imperial: false }).addTo(map);
  L.control.attribution({ prefix: false }).addAttribution("© OpenStreetMap contributors").addTo(map);
  if (study.swipe) CC.startSwipe(app);
  CC.clicks(app);
  window.addEventListener("hashchange", () => CC.openAddress(app));
  CC.openAddress(app);
  performance.mark("citycoverReady");
  window.citycoverReady = performance.now();
};

// Leave room for the legend, which lies over the right side of a wide window.
CC.room = function (margin) {
  const side = document.querySelector(".cc-side");
  const right = side ? side.offsetWidth + 24 : margin;
  return { animate: false, paddingTopLeft: [margin, margin], paddingBottomRight: [right, margin] };
};

CC.panes = function (app) {
  const map = app.map;
  const add = (name, level, paint) => {
    map.createPane(name).style.zIndex = level;
    app.layers[name] = new CC.CanvasLayer(paint, { pane: name }).addTo(map);
    map.getPane(name).style.pointerEvents = "none";
  };
  add("base", 200, (view) => app.base.paint(view));
  const top = app.themes.length - 1; // the topmost theme lies over the mark of what is picked
  app.themes.forEach((theme, n) => add(theme.id, 360 - 10 * (top - n), (view) => theme.paint(view)));
  add("picked", 355, (view) => app.themes.forEach((theme) => theme.paintPicked(view)));
  map.createPane("names").style.zIndex = 390;
  map.getPane("names").style.pointerEvents = "none";
  app.names = new CC.Names(app.base).addTo(map);
};

CC.under = function (app, containerPoint) {
  const corner = app.map.getPixelBounds().min;
  const size = app.map.getSize();
  const view = CC.view(null, app.map.getZoom(), corner.x, corner.y, size.x, size.y);
  const found = [];
  for (const theme of app.themes.slice().reverse()) {
    if (theme.side && (theme.side === "before") !== containerPoint.x < app.swipe * size.x) continue;
    theme.under(view, containerPoint.x, containerPoint.y).forEach((row) => found.push([theme, row]));
  }
  return found;
};

CC.clicks = function (app) {
  const map = app.map;
  map.on("click", (event) => {
    if (app.ruler.on) return app.ruler.add(event.latlng);
    const found = CC.under(app, event.containerPoint);
    if (found.length) CC.popup(app, event.latlng, found, 0);
    else CC.pick(app, null, -1);
  });
  let waiting = false;
  map.on("mousemove", (event) => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      const hit = CC.under(app, event.containerPoint).some((pair) => pair[0].kind !== "views");
      map.getContainer().style.cursor = hit ? "pointer" : "";
    }, 60);
  });
  map.on("popupclose", () => CC.pick(app, null, -1));
};

CC.pick = function (app, theme, row) {
  app.themes.forEach((one) => (one.picked = one === theme ? row : -1));
  app.layers.picked.repaint();
};

// A popup with one card at a time; the arrows leaf through all that lies under the click.
CC.popup = function (app, latlng, found, at) {
  const words = app.study.words;
  const box = CC.make("div", "cc-card");
  const popup = L.popup({ maxWidth: 340, minWidth: 240, maxHeight: 380, autoPanPadding: [20, 20] }).setLatLng(latlng);
  const show = (i) => {
    const [theme, row] = found[i];
    box.replaceChildren();
    if (found.length > 1) {
      const bar = CC.make("div", "cc-leaf");
      const step = (sign, by) => {
        const button = CC.make("button", "", sign);
        button.type = "button";
        button.addEventListener("click", (event) => {
          event.stopPropagation();
          show((i + by + found.length) % found.length);
        });
        return button;
      };
      bar.appendChild(step("‹", -1));
      bar.appendChild(CC.make("span", "", CC.fill(words.of, { i: i + 1, n: found.length })));
      bar.appendChild(step("›", 1));
      box.appendChild(bar);
    }
    box.appendChild(CC.make("div", "cc-kind cc-kind-" + theme.kind, CC.call(app, theme)));
    box.appendChild(CC.make("h2", "", theme.names()[row]));
    const table = CC.make("table", "cc-rows");
    theme.fields(row).forEach((pair) => {
      const line = table.insertRow();
      line.appendChild(CC.make("th", "", pair[0])).scope = "row";
      line.appendChild(CC.make("td", "", String(pair[1])));
    });
    box.appendChild(table);
    CC.pick(app, theme, row);
    if (theme.kind === "gaps") history.replaceState(null, "", "#gap=" + encodeURIComponent(theme.ids()[row]));
    if (popup.isOpen()) popup.update();
  };
  popup.setContent(box).openOn(app.map);
  show(at);
};

CC.open = function (app, theme, row) {
  const group = theme.group[row];
  if (!theme.on[group] && !theme.packed.quiet) {
    theme.on[group] = true;
    const inputs = document.querySelectorAll('[data-theme="' + theme.id + '"] input');
    if (inputs[group]) inputs[group].checked = true;
    app.repaint(theme);
  }
  const bounds = theme.bounds(row);
  if (!bounds) return;
  if (window.innerWidth < 720) {
    document.body.classList.add("cc-folded");
    app.map.invalidateSize();
  }
  app.map.fitBounds(bounds.pad(0.4), Object.assign(CC.room(40), { maxZoom: 18 }));
  CC.popup(app, theme.anchor(row), [[theme, row]], 0);
};

CC.openAddress = function (app) {
  const found = /[#&]gap=([^&]+)/.exec(window.location.hash);
  if (!found) return;
  let id = found[1];
  try {
    id = decodeURIComponent(id);
  } catch (error) {
    return;
  }
  const all = app.themes.filter((one) => one.kind === "gaps").reverse();
  const theme = all.find((one) => one.ids().indexOf(id) >= 0);
  if (!theme) return;
  const row = theme.ids().indexOf(id);
  if (row >= 0 && theme.keep && !theme.keep[row]) {
    app.filter = { district: "", builder: "" };
    document.querySelectorAll(".cc-filter select").forEach((select) => (select.value = ""));
    CC.applyFilter(app);
  }
  if (row >= 0 && theme.picked !== row) CC.open(app, theme, row);
};

document.addEventListener("DOMContentLoaded", () => CC.start(window.map_citycover));
