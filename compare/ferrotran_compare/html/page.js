const root = document.documentElement;
const button = document.getElementById("theme");
const system = matchMedia("(prefers-color-scheme: dark)");

// A page from a file may have no storage.
const remembered = (value) => {
  try {
    if (value) localStorage.setItem("theme", value);
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
};

const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";

const show = () => button.setAttribute("aria-pressed", String(isDark()));

const before = remembered();
if (before === "dark" || before === "light") root.dataset.theme = before;
button.hidden = false;
button.addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  remembered(root.dataset.theme);
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
    await vegaEmbed(document.getElementById(id), spec, options).catch((error) => {
      console.error(`${id}: ${error}`);
    });
  }
  root.dataset.plots = "drawn";
};
draw();
