/* Runs before the first paint: the colour theme a person chose, and the mark that scripts work here. */
(() => {
  const root = document.documentElement;
  root.classList.add("mm-js");
  try {
    const chosen = localStorage.getItem("mm-theme");
    if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
  } catch { /* storage is switched off: the device's own theme it is */ }
})();
