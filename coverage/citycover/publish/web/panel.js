// The side panel: title block, figures, search, layers with their legend, notes. All text goes in as text, never as HTML.
"use strict";

CC.make = function (tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
};

CC.fill = (words, parts) => words.replace(/\{(\w+)\}/g, (_, key) => parts[key]);

// What a theme's rows are called; of a page with two states, with the state.
CC.call = (app, theme) => app.study.words[theme.kind] + (theme.side ? " · " + app.study.swipe[theme.side] : "");

CC.section = function (parent, title, open) {
  const box = CC.make("details", "cc-section");
  box.open = open;
  box.appendChild(CC.make("summary", "", title));
  parent.appendChild(box);
  return box;
};

CC.buildPanel = function (app) {
  const words = app.study.words;
  const panel = CC.make("aside", "cc-panel");
  panel.id = "cc-panel";
  panel.setAttribute("aria-label", words.panel);
  panel.appendChild(CC.titleBlock(app.study));
  panel.appendChild(CC.searchBox(app));
  const scroll = CC.make("div", "cc-scroll");
  if (app.study.filters) {
    const filters = CC.section(scroll, words.filters, true);
    filters.classList.add("cc-filters");
    CC.filterBox(filters, app);
    if (!filters.querySelector("select")) filters.remove();
  }
  app.figuresBox = CC.make("div");
  CC.section(scroll, words.figures, true).appendChild(app.figuresBox);
  CC.showFigures(app);
  const wide = window.innerWidth >= 1000;
  const legend = wide ? CC.make("aside", "cc-side") : scroll;
  if (wide) legend.setAttribute("aria-label", words.layers);
  CC.layersBox(CC.section(legend, words.layers, true), app);
  const notes = CC.make("ul", "cc-notes");
  app.study.notes.forEach((note) => notes.appendChild(CC.make("li", "", note)));
  CC.section(scroll, words.notes, false).appendChild(notes);
  panel.appendChild(scroll);
  panel.appendChild(CC.make("footer", "cc-foot", words.osm));
  document.body.appendChild(panel);
  if (wide) document.body.appendChild(legend);
  const fold = CC.make("button", "cc-fold", "☰");
  fold.type = "button";
  fold.setAttribute("aria-label", words.panel);
  fold.setAttribute("aria-controls", "cc-panel");
  fold.addEventListener("click", () => {
    document.body.classList.toggle("cc-folded");
    fold.setAttribute("aria-expanded", String(!document.body.classList.contains("cc-folded")));
    app.map.invalidateSize();
  });
  document.body.appendChild(fold);
};

CC.titleBlock = function (study) {
  const head = CC.make("header", "cc-title");
  head.appendChild(CC.make("span", study.mark.length > 6 ? "cc-mark cc-mark-long" : "cc-mark", study.mark));
  head.appendChild(CC.make("h1", "", study.name));
  if (study.sub) head.appendChild(CC.make("p", "cc-sub", study.sub));
  const list = CC.make("dl", "");
  study.block.forEach((pair) => {
    list.appendChild(CC.make("dt", "", pair[0]));
    list.appendChild(CC.make("dd", "", pair[1]));
  });
  head.appendChild(list);
  if (study.hint) head.appendChild(CC.make("p", "cc-hint", study.hint));
  return head;
};

// The figures of the chosen district and builder; without a choice those of the whole study.
CC.showFigures = function (app) {
  const chosen = app.filter.district + "|" + app.filter.builder;
  const box = app.figuresBox;
  const parts = chosen === "|" ? app.study.figures : app.study.filters.figures[chosen] || [];
  box.replaceChildren();
  if (!parts.length) box.appendChild(CC.make("p", "cc-none", app.study.words.nothing_here));
  parts.forEach((part) => {
    const head = CC.make("h3", "", part.title);
    if (part.total !== undefined) head.appendChild(CC.make("b", "", String(part.total)));
    box.appendChild(head);
    (part.bars || []).forEach((bar) => box.appendChild(CC.bar(bar)));
    if (!part.rows || !part.rows.length) return;
    const table = CC.make("table", "cc-rows");
    part.rows.forEach((pair) => {
      const row = table.insertRow();
      row.appendChild(CC.make("th", "", pair[0])).scope = "row";
      row.appendChild(CC.make("td", "", pair[1]));
    });
    box.appendChild(table);
  });
};

// One bar: solid to the low end, striped to the expected one, pale to the high one; the numbers stand below.
CC.bar = function (bar) {
  const box = CC.make("div", "cc-bar");
  const head = CC.make("div", "cc-bar-head", bar.label);
  head.appendChild(CC.make("span", "", bar.of));
  box.appendChild(head);
  const track = CC.make("div", "cc-track");
  bar.ends
    .slice()
    .reverse()
    .forEach((end, n) => {
      const part = CC.make("i", ["cc-high", "cc-expected", "cc-low"][n]);
      part.style.width = 100 * Math.min(1, end[2]) + "%";
      track.appendChild(part);
    });
  box.appendChild(track);
  const ends = CC.make("div", "cc-ends");
  bar.ends.forEach((end) => ends.appendChild(CC.make("span", "", end[0] + " " + end[1])));
  box.appendChild(ends);
  return box;
};

CC.themeSet = function (app, theme) {
  const words = app.study.words;
  const set = CC.make("fieldset", "cc-theme");
  set.dataset.theme = theme.id;
  const head = CC.make("legend", "", theme.packed.title);
  set.appendChild(head);
  if (theme.packed.groupings) set.appendChild(CC.groupingChoice(app, theme, set));
  if (theme.groups.length > 1) {
    const all = CC.make("button", "cc-all", theme.on.every(Boolean) ? words.all_off : words.all_on);
    all.type = "button";
    all.addEventListener("click", () => {
      const turnOn = !theme.on.every(Boolean);
      set.querySelectorAll("input").forEach((input, i) => {
        input.checked = theme.on[i] = turnOn;
      });
      all.textContent = turnOn ? words.all_off : words.all_on;
      app.repaint(theme);
    });
    set.appendChild(all);
  }
  theme.groups.forEach((group, i) => {
    set.appendChild(
      CC.tick(CC.swatch(theme, group), group.label, group.n, theme.on[i], (on) => {
        theme.on[i] = on;
        const all = set.querySelector(".cc-all");
        if (all) all.textContent = theme.on.every(Boolean) ? words.all_off : words.all_on;
        app.repaint(theme);
      })
    );
  });
  const ranked = theme.kind === "gaps" && theme.groups.some((group) => !group.style);
  if (ranked) set.appendChild(CC.priorityLegend(app, theme));
  return set;
};

// One theme, several ways to group it: by item, by builder, by department.
CC.groupingChoice = function (app, theme, set) {
  const select = CC.make("select", "cc-grouping");
  select.setAttribute("aria-label", app.study.words.group_by + " " + theme.packed.title);
  theme.packed.groupings.forEach((grouping, n) => {
    const option = CC.make("option", "", grouping.title);
    option.value = n;
    option.selected = n === (theme.grouping || 0);
    select.appendChild(option);
  });
  select.addEventListener("change", () => {
    const chosen = theme.packed.groupings[Number(select.value)];
    const shown = theme.on.some(Boolean);
    theme.grouping = Number(select.value);
    theme.groups = chosen.groups;
    theme.group = CC.column(chosen.group);
    theme.on = chosen.groups.map(() => shown);
    set.replaceWith(CC.themeSet(app, theme));
    CC.countGroups(app);
    app.repaint(theme);
  });
  return select;
};

CC.layersBox = function (box, app) {
  const words = app.study.words;
  app.themes
    .slice()
    .reverse() // as they lie on the map, the topmost first
    .filter((theme) => !theme.packed.quiet)
    .forEach((theme) => box.appendChild(CC.themeSet(app, theme)));
  const base = CC.make("fieldset", "cc-theme");
  base.appendChild(CC.make("legend", "", words.base));
  if (app.base.streets.length) {
    base.appendChild(
      CC.tick(null, words.street_names, null, true, (on) => {
        app.base.names = on;
        app.names._draw();
      })
    );
  }
  box.appendChild(base);
};

CC.tick = function (swatch, label, n, on, change) {
  const row = CC.make("label", "cc-tick");
  const input = CC.make("input");
  input.type = "checkbox";
  input.checked = on;
  input.addEventListener("change", () => change(input.checked));
  row.appendChild(input);
  if (swatch) row.appendChild(swatch);
  row.appendChild(CC.make("span", "", label));
  if (n !== null) row.appendChild(CC.make("b", "", String(n)));
  return row;
};

CC.smallCanvas = function (width, height) {
  const canvas = CC.make("canvas", "cc-swatch");
  canvas.width = width * 2;
  canvas.height = height * 2;
  canvas.style.width = width + "px";
  canvas.style.height = height + "px";
  canvas.setAttribute("aria-hidden", "true");
  const ctx = canvas.getContext("2d");
  ctx.scale(2, 2);
  return [canvas, ctx];
};

CC.swatch = function (theme, group) {
  if (theme.kind === "gaps" && !group.colour) return null;
  const [canvas, ctx] = CC.smallCanvas(26, 16);
  if (theme.kind === "gaps") CC.gapPoint(ctx, 13, 8, CC.GAP_STYLE[group.style || "none"], group.colour, 0.8, true);
  else if (theme.kind === "conflicts") CC.conflict(ctx, 13, 8, group.key, group.colour, 0.75);
  else if (theme.kind === "duplicates") CC.pin(ctx, 13, 8, group.colour, group.style, 0.7);
  else if (theme.kind === "sites") CC.site(ctx, 8, 8, 15, 90, 60, group.colour, group.key === "new");
  else if (theme.kind === "cameras") {
    CC.camera(ctx, 8, 8, 16, group.key, group.key === "yes" ? 90 : null, 60, theme.colours.camera);
  } else {
    ctx.fillStyle = ctx.strokeStyle = group.colour;
    ctx.rect(2, 2, 22, 12);
    ctx.globalAlpha = { cells: 0.6, zones: 0.6, views: 0.3 }[theme.kind] || 0.15;
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.lineWidth = 1.4;
    if ((theme.kind === "views" && !group.on) || group.key === "held") ctx.setLineDash([3, 3]);
    ctx.stroke();
    if (group.tag) {
      ctx.font = "bold 10px " + CC.FONT;
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      ctx.fillText(group.tag.slice(0, 2), 13, 8.5);
    }
  }
  return canvas;
};

CC.priorityLegend = function (app, theme) {
  const words = app.study.words;
  const table = CC.make("table", "cc-legend");
  const head = table.insertRow();
  [words.priority, words.shape_line, words.shape_point, words.shape_ground].forEach((word) =>
    head.appendChild(CC.make("th", "", word))
  );
  const present = new Set(CC.column(theme.packed.style));
  Object.keys(CC.GAP_STYLE).forEach((key) => {
    if (!present.has(key)) return;
    const row = table.insertRow();
    row.appendChild(CC.make("td", "", words["priority_" + key]));
    [1, 0, 2].forEach((type) => {
      const [canvas, ctx] = CC.smallCanvas(38, 18);
      const colour = theme.colours.priority[key];
      if (type === 0) CC.gapPoint(ctx, 19, 9, CC.GAP_STYLE[key], colour, 0.9, false);
      else {
        ctx.beginPath();
        if (type === 1) {
          ctx.moveTo(3, 9);
          ctx.lineTo(35, 9);
        } else ctx.rect(3, 3, 32, 12);
        CC.gapPath(ctx, type, CC.GAP_STYLE[key], colour, 0.9, false);
      }
      row.insertCell().appendChild(canvas);
    });
  });
  return table;
};

CC.searchBox = function (app) {
  const words = app.study.words;
  const box = CC.make("div", "cc-search");
  const input = CC.make("input");
  input.type = "search";
  input.id = "cc-search";
  input.placeholder = app.themes.some((theme) => theme.kind === "gaps") ? words.find : words.find_cell;
  input.setAttribute("aria-label", input.placeholder);
  const list = CC.make("ul", "cc-found");
  list.setAttribute("aria-live", "polite");
  let waiting = null;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => CC.showFound(app, list, input.value), 120);
  });
  input.addEventListener("keydown", (event) => {
    const first = list.querySelector("button");
    if (event.key === "Enter" && first) first.click();
    if (event.key === "Escape") CC.showFound(app, list, (input.value = ""));
  });
  box.appendChild(input);
  box.appendChild(list);
  return box;
};

CC.showFound = function (app, list, query) {
  const most = 30;
  const words = app.study.words;
  const sought = query.trim().toLowerCase();
  list.replaceChildren();
  if (!sought) return;
  let n = 0;
  for (const theme of app.themes.slice().reverse()) {
    if (theme.kind === "views" || theme.kind === "zones" || theme.packed.quiet) continue;
    const names = theme.names();
    const ids = theme.ids();
    for (let row = 0; row < names.length; row++) {
      const name = names[row] || "";
      if (theme.keep && !theme.keep[row]) continue;
      if (name.toLowerCase().indexOf(sought) < 0 && ids[row].toLowerCase().indexOf(sought) < 0) continue;
      n += 1;
      if (n > most) continue;
      const button = CC.make("button", "", name);
      button.type = "button";
      button.appendChild(CC.make("small", "", CC.call(app, theme) + " · " + ids[row]));
      button.addEventListener("click", () => app.open(theme, row));
      list.appendChild(CC.make("li")).appendChild(button);
    }
  }
  if (!n) list.appendChild(CC.make("li", "cc-none", words.nothing_found));
  if (n > most) list.appendChild(CC.make("li", "cc-none", CC.fill(words.more, { n: n - most })));
};
