"use strict";
// Draws each embedding; under the pointer it shows the image of the nearest point and what the network makes of it.
const page = JSON.parse(document.getElementById("embeddings").textContent);
const MARGIN = 16;

function loaded(address) {
  const image = new Image();
  image.src = address;
  return image;
}

const originals = loaded(page.images);

function explore(figure) {
  const model = page.models[figure.dataset.model];
  const sheets = [["image", originals]];
  if (model.inputs) sheets.push(["corrupted", loaded(model.inputs)]);
  sheets.push(["reconstructed", loaded(model.reconstructions)]);
  const plot = figure.querySelector("canvas");
  const bounds = [0, 1].map(axis => {
    const values = model.points.map(point => point[axis]);
    return [Math.min(...values), Math.max(...values)];
  });
  const seen = document.createElement("div");
  seen.className = "seen";
  seen.hidden = true;
  figure.append(seen);
  let places = [];

  function draw() {
    const scale = window.devicePixelRatio || 1;
    const width = plot.clientWidth, height = plot.clientHeight;
    plot.width = width * scale;
    plot.height = height * scale;
    const pen = plot.getContext("2d");
    pen.scale(scale, scale);
    pen.strokeStyle = "#bbb";
    pen.strokeRect(0.5, 0.5, width - 1, height - 1);
    pen.font = "bold 11px sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    const place = (value, axis, length) => {
      const [low, high] = bounds[axis];
      return MARGIN + (value - low) / (high - low || 1) * (length - 2 * MARGIN);
    };
    places = model.points.map(point => [place(point[0], 0, width), height - place(point[1], 1, height)]);
    places.forEach(([x, y], i) => {
      pen.fillStyle = page.colours[page.labels[i]];
      pen.fillText(page.labels[i], x, y);
    });
  }

  function nearest(x, y) {
    let best = -1, least = 20 ** 2; // pixels
    places.forEach(([px, py], i) => {
      const distance = (px - x) ** 2 + (py - y) ** 2;
      if (distance < least) [best, least] = [i, distance];
    });
    return best;
  }

  function show(i) {
    seen.hidden = i < 0;
    if (i < 0) return;
    seen.dataset.index = i;
    seen.replaceChildren(...sheets.map(([name, sheet]) => {
      const part = document.createElement("div");
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = page.side;
      canvas.getContext("2d").drawImage(sheet, i % page.columns * page.side, Math.floor(i / page.columns) * page.side, page.side, page.side, 0, 0, page.side, page.side);
      part.append(name === "image" ? `a ${page.labels[i]}` : name, canvas);
      return part;
    }));
    const [x, y] = places[i];
    const left = x + 14 + seen.offsetWidth > plot.clientWidth ? x - 14 - seen.offsetWidth : x + 14;
    seen.style.left = `${plot.offsetLeft + Math.max(0, left)}px`;
    seen.style.top = `${plot.offsetTop + Math.min(Math.max(0, y - 50), plot.clientHeight - seen.offsetHeight)}px`;
  }

  plot.addEventListener("pointermove", event => show(nearest(event.offsetX, event.offsetY)));
  plot.addEventListener("pointerdown", event => show(nearest(event.offsetX, event.offsetY)));
  plot.addEventListener("pointerleave", () => show(-1));
  window.addEventListener("resize", draw);
  draw();
}

document.querySelectorAll(".explorer").forEach(explore);
