// A mesh with vertex colours, turned by pointer or keys; WebGL, lit from the camera's upper left.
(() => {
  const canvas = document.getElementById("face");
  if (!canvas) return;
  const gl = canvas.getContext("webgl", { antialias: true, alpha: true, preserveDrawingBuffer: true });
  if (!gl) {
    canvas.hidden = true;
    document.getElementById("face-note").textContent = "This browser draws no WebGL here.";
    return;
  }
  const data = JSON.parse(document.getElementById("face-mesh").textContent);
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  const coded = new Uint16Array(bytes(data.positions));
  const triangles = new Uint16Array(bytes(data.triangles));
  const positions = Float32Array.from(coded, (value, i) => value / 65535 - data.size[i % 3] / 2);
  const normals = new Float32Array(positions.length);
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((corner) => 3 * triangles[t + corner]);
    const u = [0, 1, 2].map((k) => positions[b + k] - positions[a + k]);
    const v = [0, 1, 2].map((k) => positions[c + k] - positions[a + k]);
    for (let k = 0; k < 3; k++) {
      const part = u[(k + 1) % 3] * v[(k + 2) % 3] - u[(k + 2) % 3] * v[(k + 1) % 3];
      for (const corner of [a, b, c]) normals[corner + k] += part;
    }
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
    varying vec3 turned, albedo;
    void main() {
      vec3 n = normalize(turned);
      float light = 0.38 + 0.2 * n.y + 0.62 * max(0.0, dot(n, normalize(vec3(-0.4, 0.5, 0.9))));
      gl_FragColor = vec4(pow(pow(albedo, vec3(2.2)) * light, vec3(1.0 / 2.2)), 1.0);
    }`));
  gl.linkProgram(program);
  gl.useProgram(program);
  const attribute = (name, values, type, normalized) => {
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    const place = gl.getAttribLocation(program, name);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, 3, type, normalized, 0, 0);
  };
  attribute("position", positions, gl.FLOAT, false);
  attribute("normal", normals, gl.FLOAT, false);
  attribute("color", new Uint8Array(bytes(data.colors)), gl.UNSIGNED_BYTE, true);
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, triangles, gl.STATIC_DRAW);
  gl.enable(gl.DEPTH_TEST);
  let yaw = 0.45;
  let pitch = 0.05;
  const draw = () => {
    const [s, c, t, d] = [Math.sin(yaw), Math.cos(yaw), Math.sin(pitch), Math.cos(pitch)];
    const turn = [c, t * s, -d * s, 0, d, t, s, -t * c, d * c]; // columns
    gl.uniformMatrix3fv(gl.getUniformLocation(program, "turn"), false, turn);
    gl.uniform1f(gl.getUniformLocation(program, "aspect"), canvas.width / canvas.height);
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.drawElements(gl.TRIANGLES, triangles.length, gl.UNSIGNED_SHORT, 0);
  };
  const turnBy = (x, y) => {
    yaw += x;
    pitch = Math.max(-1.4, Math.min(1.4, pitch + y));
    requestAnimationFrame(draw);
  };
  canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons) turnBy(event.movementX * 0.01, event.movementY * 0.01);
  });
  const keys = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] };
  canvas.addEventListener("keydown", (event) => {
    if (!keys[event.key]) return;
    event.preventDefault();
    turnBy(...keys[event.key]);
  });
  draw();
})();
