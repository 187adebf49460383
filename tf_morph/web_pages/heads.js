// Meshes with vertex colours, turned by pointer or keys; lit from the camera's upper left.
// An event "mesh" of a canvas gives its head other positions and colours (detail: Float32Array of
// the mesh's sizes from its middle, Uint8Array).
// One WebGL context draws them all, for browsers allow few; each is copied to a canvas of its own.
(() => {
  const canvases = [...document.querySelectorAll("canvas[data-mesh]")];
  if (!canvases.length) return;
  const stage = document.createElement("canvas");
  const gl = stage.getContext("webgl", { antialias: true, alpha: true, premultipliedAlpha: true });
  const buttons = document.querySelectorAll("button[data-heads-colour]");
  if (!gl) {
    for (const canvas of canvases) {
      const words = document.createElement("p");
      words.className = "note";
      words.textContent = "This browser draws no WebGL here.";
      canvas.replaceWith(words);
    }
    for (const button of buttons) button.hidden = true;
    return;
  }
  const shader = (type, source) => {
    const made = gl.createShader(type);
    gl.shaderSource(made, source);
    gl.compileShader(made);
    return made;
  };
  const program = gl.createProgram();
  gl.attachShader(program, shader(gl.VERTEX_SHADER, `
    attribute vec3 position, normal, color;
    uniform mat3 turn;
    uniform float aspect;
    varying vec3 turned, albedo;
    void main() {
      vec3 place = turn * position;
      turned = turn * normal;
      albedo = color;
      float depth = 4.0 - place.z;
      gl_Position = vec4(7.4 * place.x / aspect, 7.4 * place.y, (depth - 4.0) * 3.9, depth);
    }`));
  gl.attachShader(program, shader(gl.FRAGMENT_SHADER, `
    precision mediump float;
    uniform float colored;
    varying vec3 turned, albedo;
    void main() {
      vec3 n = normalize(turned);
      float light = 0.38 + 0.2 * n.y + 0.62 * max(0.0, dot(n, normalize(vec3(-0.4, 0.5, 0.9))));
      vec3 own = mix(vec3(0.75), albedo, colored);
      gl_FragColor = vec4(pow(pow(own, vec3(2.2)) * light, vec3(1.0 / 2.2)), 1.0);
    }`));
  gl.linkProgram(program);
  gl.useProgram(program);
  gl.enable(gl.DEPTH_TEST);
  const uniform = (name) => gl.getUniformLocation(program, name);
  const uniforms = { turn: uniform("turn"), aspect: uniform("aspect"), colored: uniform("colored") };
  let colored = 1;

  const content = (name) => JSON.parse(document.getElementById(name).textContent);
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  const buffer = (kind, values) => {
    const made = gl.createBuffer();
    gl.bindBuffer(kind, made);
    gl.bufferData(kind, values, gl.STATIC_DRAW);
    return made;
  };
  const shared = new Map();
  const trianglesOf = (name) => {
    if (!shared.has(name)) {
      const values = new Uint16Array(bytes(content(name)));
      shared.set(name, { values, buffer: buffer(gl.ELEMENT_ARRAY_BUFFER, values) });
    }
    return shared.get(name);
  };
  const normalsOf = (positions, triangles) => {
    const normals = new Float32Array(positions.length);
    const [u, v] = [[0, 0, 0], [0, 0, 0]];
    for (let t = 0; t < triangles.length; t += 3) {
      const [a, b, c] = [3 * triangles[t], 3 * triangles[t + 1], 3 * triangles[t + 2]];
      for (let k = 0; k < 3; k++) {
        u[k] = positions[b + k] - positions[a + k];
        v[k] = positions[c + k] - positions[a + k];
      }
      for (let k = 0; k < 3; k++) {
        const part = u[(k + 1) % 3] * v[(k + 2) % 3] - u[(k + 2) % 3] * v[(k + 1) % 3];
        normals[a + k] += part;
        normals[b + k] += part;
        normals[c + k] += part;
      }
    }
    return normals;
  };

  const headOf = (canvas) => {
    const data = content(canvas.dataset.mesh);
    const triangles = trianglesOf(data.triangles);
    const coded = new Uint16Array(bytes(data.positions));
    const positions = Float32Array.from(coded, (value, i) => value / 65535 - data.size[i % 3] / 2);
    const normals = normalsOf(positions, triangles.values);
    const values = (array) => buffer(gl.ARRAY_BUFFER, array);
    return {
      canvas, triangles, yaw: 0.45, pitch: 0.05, waiting: false,
      position: values(positions),
      normal: values(normals),
      color: values(new Uint8Array(bytes(data.colors))),
    };
  };
  const attribute = (name, made, type, normalized) => {
    const place = gl.getAttribLocation(program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, made);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, 3, type, normalized, 0, 0);
  };
  const draw = (head) => {
    head.waiting = false;
    const { canvas, triangles } = head;
    if (stage.width !== canvas.width) stage.width = canvas.width;
    if (stage.height !== canvas.height) stage.height = canvas.height;
    const [s, c] = [Math.sin(head.yaw), Math.cos(head.yaw)];
    const [t, d] = [Math.sin(head.pitch), Math.cos(head.pitch)];
    attribute("position", head.position, gl.FLOAT, false);
    attribute("normal", head.normal, gl.FLOAT, false);
    attribute("color", head.color, gl.UNSIGNED_BYTE, true);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, triangles.buffer);
    const turn = [c, t * s, -d * s, 0, d, t, s, -t * c, d * c]; // columns
    gl.uniformMatrix3fv(uniforms.turn, false, turn);
    gl.uniform1f(uniforms.aspect, canvas.width / canvas.height);
    gl.uniform1f(uniforms.colored, colored);
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.drawElements(gl.TRIANGLES, triangles.values.length, gl.UNSIGNED_SHORT, 0);
    const paper = canvas.getContext("2d");
    paper.clearRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(stage, 0, 0);
  };
  const drawSoon = (head) => {
    if (head.waiting) return;
    head.waiting = true;
    requestAnimationFrame(() => draw(head));
  };
  const heads = canvases.map(headOf);
  for (const head of heads) {
    const turnBy = (x, y) => {
      head.yaw += x;
      head.pitch = Math.max(-1.4, Math.min(1.4, head.pitch + y));
      drawSoon(head);
    };
    const { canvas } = head;
    canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
    canvas.addEventListener("pointermove", (event) => {
      if (event.buttons) turnBy(event.movementX * 0.01, event.movementY * 0.01);
    });
    canvas.addEventListener("dblclick", () => turnBy(0.45 - head.yaw, 0.05 - head.pitch));
    const keys = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] };
    canvas.addEventListener("keydown", (event) => {
      if (!keys[event.key]) return;
      event.preventDefault();
      turnBy(...keys[event.key]);
    });
    const refill = (made, array) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, made);
      gl.bufferData(gl.ARRAY_BUFFER, array, gl.DYNAMIC_DRAW);
    };
    canvas.addEventListener("mesh", ({ detail }) => {
      refill(head.position, detail.positions);
      refill(head.normal, normalsOf(detail.positions, head.triangles.values));
      refill(head.color, detail.colors);
      drawSoon(head);
    });
    draw(head);
  }
  for (const button of buttons) {
    button.addEventListener("click", () => {
      colored = 1 - colored;
      for (const other of buttons) other.setAttribute("aria-pressed", String(!colored));
      heads.forEach(drawSoon);
    });
  }
})();
