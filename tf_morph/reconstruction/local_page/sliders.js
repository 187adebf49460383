// Sliders that move the head: vertices and colours are summed here, column by column, so that a
// move of one slider costs one column.
(async () => {
  const at = (id) => document.getElementById(id);
  const facts = JSON.parse(at("facts").textContent);
  const canvas = document.querySelector("canvas[data-mesh]");
  const inputs = [...document.querySelectorAll("#sliders input[data-group]")];
  const size = 3 * facts.vertices;
  const hair = at("hair");
  let mean, units, columns;
  const load = async () => {
    const packed = await (await askServer(`/model/${hair.value}`)).arrayBuffer();
    mean = { positions: new Float32Array(packed, 0, size), colors: new Float32Array(packed, 4 * size, size) };
    units = new Float32Array(packed, 8 * size, inputs.length);
    columns = new Int16Array(packed, 8 * size + 4 * inputs.length);
  };
  try {
    await load();
  } catch (error) {
    return sayFault(error.message);
  }
  const moves = facts.groups.flatMap(([, count, what]) => Array(count).fill(what));
  const wanted = new Float32Array(inputs.length);
  const shown = new Float32Array(inputs.length); // what the sums hold
  const sums = { positions: mean.positions.slice(), colors: mean.colors.slice() };
  const colors = new Uint8ClampedArray(size); // of the head as drawn
  let waiting = false, read = null, changed = false; // hair, so that no sum holds

  const add = (index, step) => {
    const sum = sums[moves[index]], start = index * size, scale = step * units[index];
    for (let i = 0; i < size; i++) sum[i] += scale * columns[start + i];
  };
  const draw = () => {
    waiting = false;
    let moved = 0;
    for (let i = 0; i < wanted.length; i++) moved += wanted[i] !== shown[i];
    if (moved > 1 || changed) { // anew, so that no rounding gathers
      for (const what of ["positions", "colors"]) sums[what].set(mean[what]);
      shown.fill(0);
      changed = false;
    }
    for (let i = 0; i < wanted.length; i++) {
      if (wanted[i] !== shown[i]) add(i, wanted[i] - shown[i]);
    }
    shown.set(wanted);
    for (let i = 0; i < size; i++) colors[i] = 255 * sums.colors[i];
    const detail = { positions: sums.positions, colors: new Uint8Array(colors.buffer) };
    canvas.dispatchEvent(new CustomEvent("mesh", { detail }));
  };
  const drawSoon = () => {
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  };
  const set = (index, value) => {
    wanted[index] = value;
    inputs[index].value = value;
    inputs[index].nextElementSibling.textContent = value.toFixed(1);
  };
  const setAll = (valueOf) => {
    inputs.forEach((input, i) => set(i, valueOf(input.dataset.group, Number(input.dataset.index))));
    drawSoon();
  };
  inputs.forEach((input, i) => {
    input.addEventListener("input", () => { set(i, Number(input.value)); drawSoon(); });
    input.parentElement.addEventListener("dblclick", () => { set(i, 0); drawSoon(); });
  });
  const gaussian = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  const asRead = () => setAll((group, index) => (read[group] || [])[index] || 0);
  at("reset").addEventListener("click", () => setAll(() => 0));
  at("random").addEventListener("click", () =>
    setAll((group) => group === "expression" ? 0 : Math.max(-3, Math.min(3, gaussian()))));
  at("read").addEventListener("click", asRead);
  document.addEventListener("read", (event) => {
    read = event.detail;
    at("read").disabled = false;
    asRead();
  });

  hair.addEventListener("change", async () => {
    sayFault("");
    try {
      await load();
    } catch (error) {
      return sayFault(error.message);
    }
    changed = true;
    drawSoon();
  });

  const coefficients = () => {
    const lists = Object.fromEntries(facts.groups.map(([name]) => [name, []]));
    inputs.forEach((input, i) => lists[input.dataset.group].push(wanted[i]));
    return JSON.stringify({ ...lists, hair: hair.value });
  };
  for (const button of document.querySelectorAll("button[data-file]")) {
    button.addEventListener("click", async () => {
      sayFault("");
      const kind = button.dataset.file;
      try {
        const content = await (await askServer(`/file/${kind}`, coefficients())).blob();
        const link = document.createElement("a");
        link.href = URL.createObjectURL(content);
        link.download = kind === "coefficients" ? "coefficients.json" : `face.${kind}`;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 60000);
      } catch (error) {
        sayFault(error.message);
      }
    });
  }
  canvas.width = canvas.height; // room for ears from the side
  drawSoon();
  document.body.dataset.ready = "true";
})();
