// A photograph, from a file, a drop or the webcam, to the server; what comes back to the page.
// The head's coefficients go on as an event, "read", of the document.
(() => {
  const at = (id) => document.getElementById(id);
  const facts = JSON.parse(at("facts").textContent);
  const [drop, file, video, status, fault, pictures] =
    ["drop", "file", "video", "status", "fault", "pictures"].map(at);
  let newest = 0; // an answer to an older photograph is not shown

  window.askServer = async (path, body) => {
    let answer;
    try {
      answer = await fetch(path, body === undefined ? {} : {
        method: "POST", body, headers: { "Content-Type": "application/octet-stream" },
      });
    } catch {
      throw new Error("the server does not answer; is it still running?");
    }
    if (answer.ok) return answer;
    const said = await answer.json().catch(() => ({}));
    throw new Error(said.error || `the server answers ${answer.status}`);
  };
  window.sayFault = (words) => { fault.textContent = words; };

  const show = (address, caption) => {
    const [figure, image, words] = ["figure", "img", "figcaption"].map((n) => document.createElement(n));
    image.src = address;
    image.alt = words.textContent = caption;
    figure.append(image, words);
    pictures.append(figure);
  };
  const send = async (photograph) => {
    const mine = ++newest;
    sayFault("");
    pictures.replaceChildren();
    status.textContent = "reading the photograph …";
    try {
      if (photograph.size > facts.mostBytes) {
        throw new Error(`larger than ${facts.mostBytes / 1e6} MB; give a smaller file`);
      }
      const read = await (await askServer("/head", photograph)).json();
      if (mine !== newest) return;
      show(read.picture, "the face read");
      document.dispatchEvent(new CustomEvent("read", { detail: read }));
      status.textContent = "laying the head over the photograph …";
      const fitted = await (await askServer("/overlay", photograph)).json();
      if (mine === newest) show(fitted.picture, `the head drawn over it: ${fitted.words}`);
    } catch (error) {
      if (mine === newest) sayFault(error.message);
    }
    if (mine === newest) status.textContent = "";
  };

  file.addEventListener("change", () => {
    if (file.files[0]) send(file.files[0]);
    file.value = "";
  });
  for (const type of ["dragover", "drop"]) {
    document.addEventListener(type, (event) => event.preventDefault()); // not opened in our place
  }
  document.addEventListener("dragover", () => drop.classList.add("over"));
  document.addEventListener("dragleave", () => drop.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    drop.classList.remove("over");
    const [dropped] = event.dataTransfer ? event.dataTransfer.files : [];
    if (dropped) send(dropped);
    else sayFault("that was no file; drop a photograph from a folder");
  });

  const stop = () => {
    if (video.srcObject) video.srcObject.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
    video.hidden = at("shot").hidden = true;
    at("webcam").textContent = "Webcam";
  };
  at("webcam").addEventListener("click", async () => {
    sayFault("");
    if (video.srcObject) return stop();
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 1280 } });
      video.hidden = at("shot").hidden = false;
      at("webcam").textContent = "Stop";
    } catch (error) {
      sayFault(`no webcam: ${error.message}`);
    }
  });
  at("shot").addEventListener("click", () => {
    const frame = document.createElement("canvas");
    [frame.width, frame.height] = [video.videoWidth, video.videoHeight];
    if (!frame.width) return;
    frame.getContext("2d").drawImage(video, 0, 0);
    frame.toBlob((photograph) => { stop(); send(photograph); }, "image/jpeg", 0.92);
  });
})();
