// Two states of one map: what is of the one shows left of a divider, what is of the other right of it; and what changed.
"use strict";

CC.MOST_CHANGES = 300; // rows of the list shown at once

CC.startSwipe = function (app) {
  const names = app.study.swipe;
  const map = app.map;
  const box = map.getContainer();
  app.swipe = 0.5;
  document.body.classList.add("cc-swiping");
  const divider = CC.make("div", "cc-divider");
  const grip = CC.make("span", "cc-grip", "⇔");
  [["before", "cc-tag cc-tag-before"], ["after", "cc-tag cc-tag-after"]].forEach((pair) =>
    divider.appendChild(CC.make("span", pair[1], names[pair[0]]))
  );
  divider.appendChild(grip);
  divider.setAttribute("aria-hidden", "true"); // the slider below says the same to those who do not see it
  map.createPane("divider").style.zIndex = 640; // below popups
  map.getPane("divider").style.pointerEvents = "none";
  map.getPane("divider").appendChild(divider);
  const bar = CC.make("div", "cc-swipe");
  const range = CC.make("input");
  range.type = "range";
  range.id = "cc-swipe";
  range.min = 0;
  range.max = 100;
  range.setAttribute("aria-label", names.label);
  const end = (side, value) => {
    const button = CC.make("button", "", names[side]);
    button.type = "button";
    button.id = "cc-only-" + side;
    button.addEventListener("click", () => set(value));
    return button;
  };
  const lay = () => {
    const size = map.getSize();
    const x = Math.round(size.x * app.swipe);
    const from = map.containerPointToLayerPoint([0, 0]);
    const to = map.containerPointToLayerPoint(size);
    app.themes.forEach((theme) => {
      if (!theme.side) return;
      const left = theme.side === "before" ? from.x : from.x + x;
      const right = theme.side === "before" ? from.x + x : to.x;
      map.getPane(theme.id).style.clip = "rect(" + [from.y, right, to.y, left].map((n) => n + "px").join(",") + ")";
    });
    L.DomUtil.setPosition(divider, from.add([x, 0]));
    divider.style.height = size.y + "px";
    divider.classList.toggle("cc-at-left", x < 4);
    divider.classList.toggle("cc-at-right", x > size.x - 4);
  };
  const set = (share) => {
    app.swipe = Math.max(0, Math.min(1, share));
    range.value = Math.round(app.swipe * 100);
    range.setAttribute("aria-valuetext", names.before + " " + range.value + " %");
    lay();
  };
  range.addEventListener("input", () => set(Number(range.value) / 100));
  bar.appendChild(end("before", 1));
  bar.appendChild(range);
  bar.appendChild(end("after", 0));
  box.appendChild(bar);
  [bar, grip].forEach((part) => {
    L.DomEvent.disableClickPropagation(part);
    L.DomEvent.disableScrollPropagation(part);
  });
  grip.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
  });
  grip.addEventListener("pointermove", (event) => {
    if (!grip.hasPointerCapture(event.pointerId)) return;
    const edge = box.getBoundingClientRect();
    set((event.clientX - edge.left) / edge.width);
  });
  map.on("move zoomend viewreset resize", lay);
  set(0.5);
  CC.changeList(app);
};

// The list of what changed: a choice of the kind of change, and a button for each row that opens it in both states.
CC.changeList = function (app) {
  const words = app.study.words;
  const theme = app.themes.find((one) => one.kind === "changes");
  if (!theme) return;
  const scroll = document.querySelector(".cc-scroll");
  const section = CC.section(scroll, app.study.swipe.list, true);
  section.classList.add("cc-changes");
  scroll.insertBefore(section, scroll.children[1] || null);
  const select = CC.make("select", "cc-grouping");
  select.setAttribute("aria-label", app.study.swipe.list);
  const option = (value, label) => {
    const made = CC.make("option", "", label);
    made.value = value;
    select.appendChild(made);
  };
  option("", words.all_of_them);
  theme.groups.forEach((group, i) => option(i, group.label + " " + group.n));
  const list = CC.make("ul", "cc-found");
  const told = CC.column(theme.packed.told);
  const fill = () => {
    list.replaceChildren();
    let n = 0;
    theme.names().forEach((name, row) => {
      if (select.value !== "" && theme.group[row] !== Number(select.value)) return;
      n += 1;
      if (n > CC.MOST_CHANGES) return;
      const button = CC.make("button", "", name);
      button.type = "button";
      button.appendChild(CC.make("small", "", theme.groups[theme.group[row]].label + " · " + told[row]));
      button.addEventListener("click", () => app.open(theme, row));
      list.appendChild(CC.make("li")).appendChild(button);
    });
    if (n > CC.MOST_CHANGES) {
      list.appendChild(CC.make("li", "cc-none", CC.fill(words.more, { n: n - CC.MOST_CHANGES })));
    }
  };
  select.addEventListener("change", fill);
  section.appendChild(select);
  section.appendChild(list);
  fill();
};

CC.Theme.prototype._changes = function () {}; // the gaps themselves are drawn; a picked one gets its ring
