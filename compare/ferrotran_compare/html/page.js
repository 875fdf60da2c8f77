const root = document.documentElement;
const button = document.getElementById("theme");
const system = matchMedia("(prefers-color-scheme: dark)");

// A page from a file may have no storage.
const stored = (work) => {
  try {
    return work(localStorage);
  } catch {
    return null;
  }
};

const preferred = () => (system.matches ? "dark" : "light");
const isDark = () => (root.dataset.theme ?? preferred()) === "dark";
const show = () => button.setAttribute("aria-pressed", String(isDark()));

const before = stored((store) => store.getItem("theme"));
if (before === "dark" || before === "light") root.dataset.theme = before;
button.hidden = false;
button.addEventListener("click", () => {
  const theme = isDark() ? "light" : "dark";
  root.dataset.theme = theme;
  if (theme === preferred()) delete root.dataset.theme; // the page follows the system again
  stored((store) =>
    theme === preferred() ? store.removeItem("theme") : store.setItem("theme", theme),
  );
  show();
});
system.addEventListener("change", show);
show();

const { config, plots } = JSON.parse(document.getElementById("plots").textContent);
const options = {
  mode: "vega-lite",
  renderer: "svg",
  actions: false,
  ast: true,
  defaultStyle: false,
  tooltip: { disableDefaultStyle: true },
  config,
};

const draw = async () => {
  for (const [id, spec] of Object.entries(plots)) {
    // The library sets role and description of the element that it fills.
    const inner = document.getElementById(id).appendChild(document.createElement("div"));
    await vegaEmbed(inner, spec, options).catch((error) => {
      console.error(`${id}: ${error}`);
    });
  }
  root.dataset.plots = "drawn";
};
draw();
