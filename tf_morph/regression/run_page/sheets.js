// A click on an earlier contact sheet shows it large.
for (const button of document.querySelectorAll(".strip button")) {
  button.addEventListener("click", () => {
    for (const other of document.querySelectorAll(".strip button")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    const sheet = document.getElementById("sheet");
    sheet.src = button.querySelector("img").src;
    sheet.alt = button.querySelector("img").alt;
    document.getElementById("sheet-step").textContent = button.dataset.step;
  });
}
for (const strip of document.querySelectorAll(".strip")) strip.scrollLeft = strip.scrollWidth;
