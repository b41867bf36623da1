// Before the page is painted: the theme chosen last time, where the browser keeps it.
try {
  const kept = localStorage.getItem("curate-theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
} catch { /* a page without storage follows the system */ }
