// The page's behaviour: tables that sort, search, filter and turn pages; copying; folding; light and dark.
// Rows come from the JSON beside each table and enter the page as text only, never as markup.
"use strict";
(() => {
  const make = (tag, props = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), props);
    node.append(...children);
    return node;
  };
  const counted = (n) => n.toLocaleString("en");
  const isNumber = (kind) => kind === "number" || kind === "percent";
  const reads = (cell) => (cell === null ? "–" : Array.isArray(cell) ? cell[1] : cell);
  const words = new Intl.Collator("en", { numeric: true });

  // --- tables -----------------------------------------------------------------------------------------------------
  const order = (kind) => (a, b) => {
    if (isNumber(kind)) return a[0] - b[0];
    if (kind === "id" && /^\d+$/.test(a) && /^\d+$/.test(b)) return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
    return words.compare(a, b);
  };
  const unknown = (cell) => cell === null || (Array.isArray(cell) && cell[0] === null);

  function sorted(rows, place, kind, direction) {
    const compare = order(kind);
    return [...rows].sort((left, right) => {
      const [a, b] = [left[place], right[place]];
      if (unknown(a) || unknown(b)) return unknown(a) - unknown(b);
      return direction * compare(a, b);
    });
  }

  function marked(text, query) {
    if (!query) return [text];
    const low = text.toLowerCase();
    if (low.length !== text.length) return [text];
    const out = [];
    let at = 0;
    for (let hit = low.indexOf(query); hit >= 0; hit = low.indexOf(query, at)) {
      out.push(text.slice(at, hit), make("mark", { textContent: text.slice(hit, hit + query.length) }));
      at = hit + query.length;
    }
    return [...out, text.slice(at)];
  }

  function cellNode(cell, kind, query) {
    const td = make("td", { className: kind, dir: "auto" });
    const text = reads(cell);
    if (cell === null) td.classList.add("nothing");
    if (text.length <= 280 && text.split("\n").length <= 5) {
      td.append(...marked(text, query));
      return td;
    }
    const clip = make("div", { className: "clip" }, ...marked(text, query));
    const button = make("button", { type: "button", className: "quiet", textContent: "Show all" });
    button.setAttribute("aria-expanded", "false");
    button.onclick = () => {
      const open = clip.classList.toggle("open");
      button.textContent = open ? "Show less" : "Show all";
      button.setAttribute("aria-expanded", String(open));
    };
    td.append(clip, button);
    return td;
  }

  function wireTable(figure) {
    const { columns, rows } = JSON.parse(figure.querySelector("script").textContent);
    const size = Number(figure.dataset.page);
    const state = { query: "", only: new Map(), place: -1, direction: 1, page: 0 };
    const body = figure.querySelector("tbody");
    const heads = [...figure.querySelectorAll("th")];
    const tools = figure.querySelector(".tools");
    const pager = figure.querySelector(".pager");
    const status = make("span", { className: "status" });
    status.setAttribute("role", "status");
    const texts = rows.map((row) => row.map(reads).join("\n").toLowerCase());

    function chosen() {
      const query = state.query.toLowerCase();
      const kept = rows.filter((row, i) =>
        texts[i].includes(query) && [...state.only].every(([place, value]) => reads(row[place]) === value));
      return state.place < 0 ? kept : sorted(kept, state.place, columns[state.place][1], state.direction);
    }

    function draw() {
      const kept = chosen();
      const pages = Math.max(1, Math.ceil(kept.length / size));
      state.page = Math.min(state.page, pages - 1);
      const first = state.page * size;
      const shown = kept.slice(first, first + size);
      const query = state.query.toLowerCase();
      body.replaceChildren(...shown.map((row) => make("tr", {}, ...row.map((c, i) => cellNode(c, columns[i][1], query)))));
      if (!shown.length) body.append(make("tr", {}, make("td", { colSpan: columns.length, className: "nothing", textContent: "No row matches." })));
      status.textContent = kept.length > size
        ? `${counted(first + 1)}–${counted(first + shown.length)} of ${counted(kept.length)} rows`
        : `${counted(kept.length)} ${kept.length === 1 ? "row" : "rows"}`;
      pager.hidden = rows.length <= size;
      back.disabled = state.page === 0;
      forth.disabled = state.page >= pages - 1;
      heads.forEach((head, i) => figure.dataset.sort === "1" &&
        head.setAttribute("aria-sort", i !== state.place ? "none" : state.direction > 0 ? "ascending" : "descending"));
    }

    const turn = (step) => () => { state.page += step; draw(); };
    const back = make("button", { type: "button", textContent: "Previous", onclick: turn(-1) });
    const forth = make("button", { type: "button", textContent: "Next", onclick: turn(1) });
    pager.append(back, forth);

    function sortBy(place) {
      if (state.place !== place) Object.assign(state, { place, direction: 1 });
      else if (state.direction > 0) state.direction = -1;
      else Object.assign(state, { place: -1, direction: 1 });
      state.page = 0;
      draw();
    }
    if (figure.dataset.sort === "1") heads.forEach((head, place) => {
      head.replaceChildren(make("button", { type: "button", textContent: head.textContent, onclick: () => sortBy(place) }));
    });

    if (figure.dataset.search === "1" && rows.length > 1) {
      const field = make("input", { type: "search", placeholder: "Search rows", autocomplete: "off" });
      field.setAttribute("aria-label", "Search rows");
      field.oninput = () => { Object.assign(state, { query: field.value, page: 0 }); draw(); };
      tools.append(field);
      columns.forEach(([name, kind], place) => {
        const values = kind === "code" ? [...new Set(rows.map((row) => reads(row[place])))].sort(words.compare) : [];
        if (values.length < 2 || values.length > 30) return;
        const pick = make("select", {}, new Option(`any ${name}`, ""), ...values.map((v, i) => new Option(v, String(i + 1))));
        pick.setAttribute("aria-label", `Filter by ${name}`);
        pick.onchange = () => {
          if (pick.value) state.only.set(place, values[Number(pick.value) - 1]);
          else state.only.delete(place);
          state.page = 0;
          draw();
        };
        tools.append(pick);
      });
    }
    tools.append(status);
    tools.hidden = tools.children.length === 1 && rows.length <= size;
    draw();
  }

  // --- copying ----------------------------------------------------------------------------------------------------
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = make("textarea", { value: text });
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }

  function wireCopy(button) {
    button.hidden = false;
    button.onclick = async () => {
      const done = await copy(button.closest("figure").querySelector("code").textContent);
      button.textContent = done ? "Copied" : "Select and copy by hand";
      setTimeout(() => { button.textContent = "Copy"; }, 1600);
    };
  }

  // --- folding and finding one's way ------------------------------------------------------------------------------
  function wireUnfold(button) {
    const all = [...button.closest("section").querySelectorAll(":scope > details.finding")];
    if (all.length < 2) return;
    const label = () => { button.textContent = all.every((one) => one.open) ? "Close all" : "Open all"; };
    button.hidden = false;
    button.onclick = () => {
      const open = !all.every((one) => one.open);
      all.forEach((one) => { one.open = open; });
      label();
    };
    all.forEach((one) => one.addEventListener("toggle", label));
    label();
  }

  function openTarget() {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    if (target) target.scrollIntoView();
  }

  function wireContents(links) {
    const seen = new Map();
    links.forEach((link) => {
      const target = document.getElementById(link.hash.slice(1));
      if (target) seen.set(target.tagName === "H2" ? target.parentElement : target, link);
    });
    const watch = new IntersectionObserver((entries) => {
      const top = entries.filter((entry) => entry.isIntersecting)[0];
      if (!top) return;
      links.forEach((link) => link.removeAttribute("aria-current"));
      seen.get(top.target).setAttribute("aria-current", "true");
    }, { rootMargin: "0px 0px -75% 0px" });
    seen.forEach((_, target) => watch.observe(target));
  }

  function wireTheme(button) {
    const root = document.documentElement;
    button.hidden = false;
    button.onclick = () => {
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      try { localStorage.setItem("curate-theme", root.dataset.theme); } catch { /* not kept: this page only */ }
    };
  }

  document.querySelectorAll("figure.table").forEach(wireTable);
  document.querySelectorAll("button.copy").forEach(wireCopy);
  document.querySelectorAll("button.unfold").forEach(wireUnfold);
  wireContents([...document.querySelectorAll(".contents a")]);
  wireTheme(document.getElementById("theme"));
  addEventListener("hashchange", openTarget);
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  openTarget();
})();
