// The value under the pointer, in the place of the last one.
for (const figure of document.querySelectorAll(".chart")) {
  const course = figure.querySelector("[data-points]");
  if (!course) continue;
  const svg = figure.querySelector("svg");
  const now = figure.querySelector(".now");
  const hover = figure.querySelector(".hover");
  const last = now.textContent;
  const points = course.dataset.points.split(";").map((point) => point.split(",").map(Number));
  const leave = () => {
    now.textContent = last;
    hover.replaceChildren();
  };
  const show = (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
    let nearest = points[0];
    for (const point of points) {
      if (Math.abs(point[0] - x) < Math.abs(nearest[0] - x)) nearest = point;
    }
    const line = document.createElementNS(svg.namespaceURI, "line");
    const dot = document.createElementNS(svg.namespaceURI, "circle");
    const set = (node, attributes) => {
      for (const name in attributes) node.setAttribute(name, attributes[name]);
    };
    set(line, { x1: nearest[0], x2: nearest[0], y1: 10, y2: 148 });
    set(dot, { cx: nearest[0], cy: nearest[1], r: 3 });
    hover.replaceChildren(line, dot);
    now.textContent = `step ${nearest[2].toLocaleString("en")}: ${nearest[3]}`;
  };
  svg.addEventListener("pointermove", show);
  svg.addEventListener("pointerdown", show);
  svg.addEventListener("pointerleave", leave);
}
