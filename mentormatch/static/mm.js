/* What MentorMatch does in the browser beyond HTML and htmx. Every page works without it.

   data-theme-toggle           switches between light and dark, remembered on this device
   data-open="#id"             opens a <dialog>; data-open-now on a dialog opens it with the page; data-close closes it
   data-toast, -close          a message goes after eight seconds unless it says "stay"
   data-autosubmit             a select, box or radio sends its form as soon as it changes
   data-count="500"            a text area tells how many characters are left in #<id>-count
   data-timer="30"             counts down into data-timer-output
   data-speech                 a text area tells in #<id>-speech about how long it takes to say
   data-rows, -row-add         rows of a form that can be added from <template id="…-blank"> and removed
   data-keys on a table        J K move, other letters press the row's [data-key], ? explains
   data-wide on a link         with hx-get it fills a panel in wide windows; in others, or with Ctrl, it is a plain link
   event mm:say {value}        text for the status line, also as HX-Trigger header */
(() => {
  const root = document.documentElement;
  const on = (type, listener, options) => document.addEventListener(type, listener, options);
  const stored = (key, value) => {
    try { return value === undefined ? localStorage.getItem(key) : localStorage.setItem(key, value); } catch { return null; }
  };
  const say = (text) => { const line = document.getElementById("mm-status"); if (line) line.textContent = text; };

  /* ---- theme, dialogs, toasts, menus */
  const toggleTheme = () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    stored("mm-theme", root.dataset.theme);
  };
  const open = (dialog) => { if (dialog && !dialog.open) dialog.showModal(); };
  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("[data-menu][open]")) if (!menu.contains(except)) menu.open = false;
  };
  on("click", (event) => {
    const hit = (selector) => event.target.closest(selector);
    closeMenus(event.target);
    if (hit("[data-theme-toggle]")) toggleTheme();
    hit("[data-toast-close]")?.closest("[data-toast]").remove();
    hit("[data-close]")?.closest("dialog")?.close();
    const opener = hit("[data-open]");
    const dialog = opener && document.querySelector(opener.dataset.open);
    if (dialog) { event.preventDefault(); open(dialog); }
    if (event.target.matches("dialog.mm-dialog")) { /* the backdrop belongs to the dialog; its content is always in a child */
      const box = event.target.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside) event.target.close();
    }
    if (hit("[data-row-add]")) addRow(hit("[data-row-add]").dataset.rowAdd);
    if (hit("[data-row-remove]")) removeRow(hit("[data-row-remove]").closest("li"));
    if (hit("[data-timer]")) toggleTimer(hit("[data-timer]"));
  });
  on("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest("[data-menu][open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });
  const fade = (toast) => {
    if (toast.dataset.toast === "stay") return;
    setTimeout(() => toast.matches(":hover, :focus-within") ? fade(toast) : toast.remove(), 8000);
  };

  /* ---- forms */
  on("change", (event) => { if (event.target.closest("[data-autosubmit]")) event.target.form?.requestSubmit(); });
  const count = (area) => {
    const line = document.getElementById(`${area.id}-count`);
    if (!line) return;
    /* people count characters, not UTF-16 units; a line break is one */
    const used = [...area.value].length, limit = Number(area.dataset.count), over = used - limit;
    line.classList.toggle("is-over", over > 0);
    line.textContent = over > 0 ? `${used} / ${limit} (${line.dataset.over} ${over})` : `${used} / ${limit}`;
  };
  /* the same measure as core/speaking.py: 300 Japanese letters or 140 words a minute */
  const letters = /[\u3001-\u30ff\u3400-\u9fff\uff66-\uff9f\u{20000}-\u{3ffff}！？]/gu;
  const words = /[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+(?:['’-][A-Za-z\u00c0-\u024f]+)*|\d+/g;
  const speak = (area) => {
    const line = document.getElementById(`${area.id}-speech`), found = (pattern) => area.value.match(pattern)?.length ?? 0;
    if (!line || !area.value.trim()) return;
    const seconds = Math.round(found(letters) / 5 + found(words) / (140 / 60)), over = seconds > Number(line.dataset.tooLong);
    line.classList.toggle("mm-c-a", over);
    line.textContent = (over ? line.dataset.long : line.dataset.text).replace("{}", seconds);
  };
  on("input", (event) => {
    if (event.target.matches("[data-count]")) count(event.target);
    if (event.target.matches("[data-speech]")) speak(event.target);
  });

  const addRow = (id) => {
    const list = document.getElementById(id), blank = document.getElementById(`${id}-blank`);
    if (!list || !blank) return;
    const number = Number(list.dataset.next ?? list.children.length);
    list.dataset.next = number + 1;
    const row = blank.content.cloneNode(true);
    for (const element of row.querySelectorAll("*")) for (const attribute of element.attributes) {
      if (attribute.value.includes("__index__")) attribute.value = attribute.value.replaceAll("__index__", number);
    }
    list.append(row);
    list.lastElementChild.querySelector("input, select, textarea")?.focus();
  };
  const removeRow = (row) => {
    const list = row.parentElement, next = row.nextElementSibling ?? row.previousElementSibling;
    list.dataset.next ??= list.children.length; /* numbers are never used twice on one page */
    row.remove();
    (next?.querySelector("[data-row-remove]") ?? document.querySelector(`[data-row-add="${list.id}"]`))?.focus();
  };

  const running = new Map();
  const toggleTimer = (button) => {
    const output = document.querySelector(button.dataset.timerOutput), label = button.querySelector("span") ?? button;
    const stop = (text) => { clearInterval(running.get(button)); running.delete(button); label.textContent = button.dataset.start; if (text) { output.textContent = text; say(text); } };
    if (running.has(button)) return stop();
    const end = performance.now() + 1000 * Number(button.dataset.timer);
    const tick = () => {
      const left = Math.ceil((end - performance.now()) / 1000);
      if (left <= 0) stop(button.dataset.done); else output.textContent = `0:${String(left).padStart(2, "0")}`;
    };
    label.textContent = button.dataset.stop;
    running.set(button, setInterval(tick, 250));
    tick();
  };

  /* ---- table keys: only while the focus is inside the table (WCAG 2.1.4), and they can be switched off */
  const keysOn = () => stored("mm-keys") !== "off";
  on("change", (event) => { if (event.target.matches("[data-keys-switch]")) stored("mm-keys", event.target.checked ? "on" : "off"); });
  on("keydown", (event) => {
    const row = event.target.closest("table[data-keys] tbody tr");
    if (!row || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !keysOn()) return;
    if (event.target.matches("input:not([type=checkbox], [type=radio]), select, textarea")) return;
    const key = event.key.toLowerCase(), step = { j: "nextElementSibling", k: "previousElementSibling" }[key];
    const target = step ? row[step]?.querySelector("a, button") : key === "?" ? document.getElementById("mm-keys")
      : /^[a-z]$/.test(key) && row.querySelector(`[data-key="${key}"]`);
    if (!target) return;
    event.preventDefault();
    if (step) target.focus(); else if (key === "?") open(target); else target.click();
  });

  /* ---- a panel beside the list: only where there is room for it */
  const wide = matchMedia("(min-width: 1181px)");
  on("click", (event) => {
    const link = event.target.closest("a[data-wide]");
    if (link && (event.ctrlKey || event.metaKey || event.shiftKey || !wide.matches)) event.stopPropagation(); /* before htmx hears of it */
  }, true);
  on("htmx:afterRequest", (event) => {
    const row = event.target.closest("a[data-wide]")?.closest("tr");
    if (!row || !event.detail.successful) return;
    for (const other of row.parentElement.querySelectorAll("a[aria-current]")) other.removeAttribute("aria-current");
    row.querySelector("a[data-wide]").setAttribute("aria-current", "true");
  });

  /* ---- htmx */
  on("mm:say", (event) => say(event.detail.value ?? ""));
  const failed = () => { const line = document.getElementById("mm-status"); if (line) { say(""); say(line.dataset.failed); toast(line.dataset.failed); } };
  const toast = (text) => {
    const region = document.getElementById("mm-toasts");
    if (!region) return;
    const box = document.createElement("div");
    box.className = "mm-toast mm-toast-r"; box.dataset.toast = ""; box.textContent = text;
    region.append(box); fade(box);
  };
  on("htmx:responseError", failed);
  on("htmx:sendError", failed);

  /* ---- whatever is on the page now, and whatever htmx brings later */
  const prepare = (part) => {
    for (const area of part.querySelectorAll("[data-count]")) count(area);
    for (const box of part.querySelectorAll("[data-keys-switch]")) box.checked = keysOn();
    for (const box of part.querySelectorAll("[data-toast]:not([data-seen])")) { box.dataset.seen = ""; fade(box); }
    for (const dialog of part.querySelectorAll("dialog[data-open-now]")) { dialog.removeAttribute("data-open-now"); open(dialog); }
  };
  prepare(document);
  on("htmx:afterSettle", () => prepare(document));
})();
