"use strict";
// Draws each embedding; under the pointer it shows the image of the nearest point and what the network makes of it.
const page = JSON.parse(document.getElementById("embeddings").textContent);
const MARGIN = 16, LEFT = 52, BOTTOM = 42; // pixels; left and below are the axes

function loaded(address) {
  const image = new Image();
  image.src = address;
  return image;
}

const originals = loaded(page.images);

/** Round numbers within a range, about six. */
function ticks(low, high) {
  const least = (high - low) / 6 || 1, power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map(digit => digit * power).find(size => size >= least);
  const first = Math.ceil(low / step);
  return Array.from({length: Math.floor(high / step) - first + 1}, (_, i) => (first + i) * step);
}

function text(value) {
  return String(Number(value.toPrecision(6))).replace("-", "−");
}

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
    pen.strokeRect(LEFT - 8.5, 0.5, width - LEFT + 8, height - BOTTOM + 8);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    const share = (value, axis) => (value - bounds[axis][0]) / (bounds[axis][1] - bounds[axis][0] || 1);
    const across = value => LEFT + share(value, 0) * (width - LEFT - MARGIN);
    const up = value => height - BOTTOM - share(value, 1) * (height - BOTTOM - MARGIN);
    pen.font = "12px sans-serif";
    pen.fillStyle = "#111";
    ticks(...bounds[0]).forEach(value => pen.fillText(text(value), across(value), height - BOTTOM + 18));
    ticks(...bounds[1]).forEach(value => pen.fillText(text(value), LEFT - 22, up(value)));
    pen.fillText("latent coordinate 1", (LEFT + width) / 2, height - 8);
    pen.save();
    pen.rotate(-Math.PI / 2);
    pen.fillText("latent coordinate 2", -(height - BOTTOM) / 2, 9);
    pen.restore();
    pen.font = "bold 11px sans-serif";
    places = model.points.map(point => [across(point[0]), up(point[1])]);
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
