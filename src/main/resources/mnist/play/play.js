"use strict";
// Everything that is computed comes from the API (docs/PLAY.md); this page draws it.
const SIDE = 28, RASTER = 80, PEN = 10, STEPS = 24, FILM = 8;
const $ = id => document.getElementById(id);
const state = {strokes: [], image: null, label: null, noise: 0, model: null, models: {}, result: null};
let theme, colours = [];

async function api(name, body) {
  const request = body && {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)};
  const response = await fetch("api/" + name, request).catch(() => { throw new Error("no answer: is make play still running?"); });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

/** Wraps work so that it runs once at a time, and once more where it was asked for meanwhile. */
function latest(work) {
  let busy = false, again = false;
  return async function run() {
    if (busy) return void (again = true);
    busy = true;
    await work().then(() => fail(""), error => fail(error.message));
    busy = false;
    if (!again) return;
    again = false;
    run();
  };
}

function fail(message) {
  $("error").textContent = message;
}

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// Colours

function rgb(hex) {
  return [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
}

function mix(from, to, share) {
  return from.map((value, i) => Math.round(value + (to[i] - value) * share));
}

function luminance(colour) {
  const [r, g, b] = colour.map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Moves a colour of the report towards the ink until it can be seen on the paper. */
function readable(colour, {paper, ink}) {
  const contrast = c => { const [a, b] = [luminance(c), luminance(paper)].sort((x, y) => y - x); return (a + 0.05) / (b + 0.05); };
  let share = 0;
  while (contrast(mix(colour, ink, share)) < (luminance(paper) < 0.5 ? 4.5 : 1.5)) share += 0.05;
  return `rgb(${mix(colour, ink, share)})`;
}

function readTheme() {
  const style = getComputedStyle(document.documentElement);
  theme = {};
  for (const name of ["paper", "ink", "minus", "plus", "card"]) theme[name] = rgb(style.getPropertyValue("--" + name).trim());
  for (const name of ["accent", "soft"]) theme[name] = style.getPropertyValue("--" + name).trim();
  theme.digits = colours.map(colour => readable(rgb(colour), theme));
}

/** Draws values as an image: from 0, paper, to 1, ink; where signed, from -1 to 1. */
function paint(canvas, values, side = SIDE, signed = false) {
  canvas.width = canvas.height = side;
  const data = new ImageData(side, side);
  values.forEach((value, i) => {
    const share = Math.min(1, Math.abs(value));
    const to = signed ? (value < 0 ? theme.minus : theme.plus) : theme.ink;
    data.data.set([...mix(theme.paper, to, signed || value > 0 ? share : 0), 255], 4 * i);
  });
  canvas.getContext("2d").putImageData(data, 0, 0);
}

/** Fits a canvas to its place on the screen, and returns its context in CSS pixels. */
function context(canvas) {
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth, height = canvas.clientHeight;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  return {pen, width, height};
}

// Drawing: strokes are lists of points of 0 to 1

function draw(pen, strokes, place, width) {
  pen.lineWidth = width;
  pen.lineCap = pen.lineJoin = "round";
  for (const stroke of strokes) {
    pen.beginPath();
    stroke.forEach((point, i) => pen[i ? "lineTo" : "moveTo"](...place(point)));
    const [x, y] = place(stroke.at(-1));
    pen.lineTo(x + 0.01, y); // a line of no length is not drawn
    pen.stroke();
  }
}

function showPad() {
  const {pen, width} = context($("pad"));
  pen.strokeStyle = `rgb(${theme.ink})`;
  if (state.strokes.length) {
    draw(pen, state.strokes, ([x, y]) => [x * width, y * width], width * 0.075);
  } else if (state.image) {
    const small = element("canvas");
    paint(small, state.image);
    pen.drawImage(small, 0, 0, width, width);
  }
  if (document.activeElement === $("pad") && cursor.used) {
    pen.strokeStyle = theme.accent;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(cursor.at[0] * width, cursor.at[1] * width, cursor.down ? 5 : 10, 0, 2 * Math.PI);
    pen.stroke();
  }
  $("invitation").hidden = state.strokes.length > 0 || state.image;
  $("draw-title").textContent = state.label === null ? "Draw" : `A ${state.label} of the test set; draw over it`;
  $("undo").disabled = !state.strokes.length;
}

/** Draws the strokes with a pen of one width, however large they are, for the server to centre. */
function raster() {
  const canvas = element("canvas", {width: RASTER, height: RASTER});
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  const points = state.strokes.flat();
  const [left, top] = [0, 1].map(axis => Math.min(...points.map(point => point[axis])));
  const [right, bottom] = [0, 1].map(axis => Math.max(...points.map(point => point[axis])));
  const scale = (RASTER - PEN) / Math.max(right - left, bottom - top, 0.05);
  draw(pen, state.strokes, ([x, y]) => [PEN / 2 + (x - left) * scale, PEN / 2 + (y - top) * scale], PEN);
  const ink = pen.getImageData(0, 0, RASTER, RASTER).data.filter((_, i) => i % 4 === 3);
  return {width: RASTER, pixels: Array.from(ink, value => +(value / 255).toFixed(2))};
}

function begin(point) {
  if (!state.strokes.length) Object.assign(state, {image: null, label: null});
  state.strokes.push([]);
  extend(point);
}

function extend(point) {
  state.strokes.at(-1).push(point);
  changed();
}

function changed() {
  state.redrawn = true;
  showPad();
  refresh();
}

function clear() {
  Object.assign(state, {strokes: [], image: null, label: null, result: null});
  cursor.down = false;
  showPad();
  showResult();
}

const cursor = {at: [0.5, 0.3], down: false, used: false};

const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

function padKey(event) {
  const move = ARROWS[event.key];
  if (!move && event.key !== " ") return;
  event.preventDefault();
  cursor.used = true;
  cursor.at = [clamp(cursor.at[0] + (move?.[0] ?? 0) / 24, 0.05, 0.95), clamp(cursor.at[1] - (move?.[1] ?? 0) / 24, 0.05, 0.95)];
  if (!move) cursor.down = !cursor.down;
  if (cursor.down) (move ? extend : begin)(cursor.at);
  showPad();
}

function listenToPad() {
  const pad = $("pad");
  const at = event => [event.offsetX / pad.clientWidth, event.offsetY / pad.clientHeight];
  let drawing = false;
  pad.addEventListener("pointerdown", event => {
    if (event.button) return;
    pad.setPointerCapture(event.pointerId);
    drawing = true;
    cursor.used = cursor.down = false;
    begin(at(event));
  });
  pad.addEventListener("pointermove", event => { if (drawing) (event.getCoalescedEvents?.() || [event]).forEach(e => extend(at(e))); });
  for (const end of ["pointerup", "pointercancel"]) pad.addEventListener(end, () => { drawing = false; });
  pad.addEventListener("keydown", padKey);
  pad.addEventListener("blur", showPad);
  $("clear").addEventListener("click", clear);
  $("undo").addEventListener("click", () => {
    cursor.down = false;
    state.strokes.pop();
    if (state.strokes.length) changed(); else clear();
  });
  $("random").addEventListener("click", () => take(Math.floor(Math.random() * state.labels.length)));
  $("noise").addEventListener("input", () => {
    state.noise = +$("noise").value;
    $("sigma").textContent = state.noise.toFixed(2);
    refresh();
  });
}

/** Takes an image of the test set, as if it had been drawn. */
async function take(index) {
  const digit = await api("digit", {index}).catch(error => fail(error.message));
  if (!digit) return;
  Object.assign(state, digit, {strokes: [], redrawn: false});
  cursor.down = false;
  showPad();
  refresh();
}

const corrupted = () => ({image: state.image, noise: state.noise, seed: 1});

const refresh = latest(async () => {
  if (state.redrawn && state.strokes.length) {
    state.redrawn = false;
    const {image} = await api("center", raster());
    if (!state.strokes.length) return; // cleared meanwhile
    state.image = image;
  }
  if (!state.image) return;
  const [reconstructed, prediction, inside] = await Promise.all([
    api("reconstruct", corrupted()),
    state.classifier && api("predict", corrupted()),
    state.classifier && state.insideVisible && api("activations", corrupted()),
  ]);
  if (!state.image) return; // cleared meanwhile
  state.result = {...reconstructed, prediction, activations: inside ? inside.activations : null};
  showResult();
});

// What comes back

function showResult() {
  const {result} = state;
  const blank = new Array(SIDE * SIDE).fill(0);
  paint($("input"), result ? result.input : blank);
  showBars(result?.prediction);
  $("compare").classList.toggle("noisy", state.noise > 0);
  for (const [name, model] of Object.entries(state.models)) {
    const made = result?.models[name];
    paint(model.output, made ? made.image : blank);
    model.taken.parentElement.hidden = !(state.noise > 0);
    if (made && state.noise > 0) paint(model.taken, made.image.map((value, i) => result.input[i] - value), SIDE, true);
    model.numbers.textContent = made ? `z = (${made.point.map(signed).join(", ")}) · error ${made.error.toFixed(4)}` : "z = ? · error ?";
    showMini(model, made?.point);
  }
  if (!result || result.activations) showActivations(result?.activations);
  showOver();
}

const signed = value => (value < 0 ? "−" : "") + Math.abs(value).toFixed(1);

function showBars(prediction) {
  $("answer").textContent = prediction ? prediction.digit : "?";
  [...$("bars").children].forEach((bar, digit) => {
    const share = prediction ? prediction.probabilities[digit] : 0;
    bar.classList.toggle("first", prediction?.digit === digit);
    bar.querySelector("b").style.transform = `scaleX(${share})`;
    bar.lastChild.textContent = prediction ? (100 * share).toFixed(1) + " %" : "";
  });
  clearTimeout(showBars.timer);
  showBars.timer = setTimeout(() => {
    if (prediction) $("said").textContent = `${prediction.digit}, ${Math.round(100 * prediction.probabilities[prediction.digit])} percent`;
  }, 600);
}

function showActivations(activations) {
  const most = activations ? Math.max(...activations.map(map => Math.max(...map)), 1e-6) : 1;
  [...$("tiles").children].forEach((tile, i) =>
    paint(tile.lastChild, activations ? activations[i].map(value => Math.sqrt(value / most)) : new Array(576).fill(0), 24));
}

function showFilters() {
  const {filters} = state.classifier;
  const most = Math.max(...filters.flat().map(Math.abs));
  $("tiles").replaceChildren(...filters.map((filter, i) => {
    const kernel = element("canvas"), map = element("canvas", {role: "img"});
    map.setAttribute("aria-label", `Activations of filter ${i + 1}`);
    paint(kernel, filter.map(weight => weight / most), 5, true);
    return element("figure", {className: "tile"}, element("div", {}, element("figcaption", {textContent: i + 1}), kernel), map);
  }));
}

// Planes

/** Finds where most points lie, so that a few far ones do not make the others small. */
function bounds(points) {
  return [0, 1].map(axis => {
    const sorted = Float64Array.from(points, point => point[axis]).sort();
    const low = sorted[Math.floor(0.005 * sorted.length)], high = sorted[Math.ceil(0.995 * (sorted.length - 1))];
    const margin = 0.06 * (high - low) || 1;
    return [low - margin, high + margin];
  });
}

function toScreen(model, [x, y], width, height) {
  const [[left, right], [low, high]] = model.bounds;
  return [(x - left) / (right - left) * width, height - (y - low) / (high - low) * height];
}

function toPlane(model, [x, y]) {
  const [[left, right], [low, high]] = model.bounds, over = $("over");
  return [left + x / over.clientWidth * (right - left), high - y / over.clientHeight * (high - low)];
}

/** Draws all points as dots in the report's colours, and some of them as their digits. */
function drawPoints(model, pen, width, height, digits, size) {
  const places = model.points.map(point => toScreen(model, point, width, height));
  pen.globalAlpha = 0.45;
  places.forEach(([x, y], i) => {
    pen.fillStyle = theme.digits[state.labels[i]];
    pen.fillRect(x - size / 2, y - size / 2, size, size);
  });
  pen.globalAlpha = 1;
  pen.font = "bold 11px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineWidth = 2.5;
  pen.strokeStyle = `rgb(${theme.paper})`;
  places.slice(0, digits).forEach(([x, y], i) => {
    pen.strokeText(state.labels[i], x, y);
    pen.fillStyle = theme.digits[state.labels[i]];
    pen.fillText(state.labels[i], x, y);
  });
  return places;
}

function showMap() {
  const model = state.models[state.model];
  if (!model) return;
  const {pen, width, height} = context($("map"));
  model.places = drawPoints(model, pen, width, height, 700, 2);
  showOver();
}

function showMini(model, point) {
  const {mini} = model;
  if (!model.dots) {
    model.dots = element("canvas", {width: 120, height: 120});
    drawPoints(model, model.dots.getContext("2d"), 120, 120, 0, 1.4);
  }
  mini.width = mini.height = 120;
  const pen = mini.getContext("2d");
  pen.drawImage(model.dots, 0, 0);
  if (point) mark(pen, toScreen(model, point, 120, 120), 120, 120, 5);
}

/** Draws lines with a halo of paper around them, so that they can be seen on the points. */
function drawTwice(pen, style, width, path) {
  pen.beginPath();
  path();
  pen.lineCap = "round";
  [pen.strokeStyle, pen.lineWidth] = [`rgb(${theme.paper})`, width + 3];
  pen.stroke();
  [pen.strokeStyle, pen.lineWidth] = [style, width];
  pen.stroke();
}

/** Marks a place by its shape: a ring with four ticks. A place beyond the border is marked at the border. */
function mark(pen, place, width, height, radius) {
  const [x, y] = place.map((value, axis) => clamp(value, radius, (axis ? height : width) - radius));
  drawTwice(pen, `rgb(${theme.ink})`, 2, () => {
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      pen.moveTo(x + dx * radius, y + dy * radius);
      pen.lineTo(x + dx * 2.2 * radius, y + dy * 2.2 * radius);
    }
  });
}

const walk = {at: null, from: null, to: null, frames: null, step: 0, pressed: null};

function showOver() {
  const model = state.models[state.model];
  if (!model) return;
  const {pen, width, height} = context($("over"));
  const place = point => toScreen(model, point, width, height);
  const point = state.result?.models[state.model].point;
  if (point) mark(pen, place(point), width, height, 8);
  if (walk.from && walk.to) drawTwice(pen, theme.accent, 3, () => { pen.moveTo(...place(walk.from)); pen.lineTo(...place(walk.to)); });
  if (!walk.at) return;
  pen.fillStyle = theme.accent;
  pen.beginPath();
  pen.arc(...place(walk.at), 5, 0, 2 * Math.PI);
  pen.fill();
}

function showDecoded(image) {
  const figure = $("decoded"), over = $("over");
  figure.hidden = !walk.at || !image;
  if (figure.hidden) return;
  paint(figure.querySelector("canvas"), image);
  figure.querySelector("figcaption").textContent = `(${walk.at.map(signed).join(", ")})`;
  const [x, y] = toScreen(state.models[state.model], walk.at, over.clientWidth, over.clientHeight);
  const left = x + 18 + figure.offsetWidth > over.clientWidth ? x - 18 - figure.offsetWidth : x + 18;
  const top = Math.min(over.clientHeight - figure.offsetHeight - 4, Math.max(4, y - figure.offsetHeight - 8));
  figure.style.transform = `translate(${Math.max(0, left)}px, ${top}px)`;
}

const decode = points => api("decode", {model: state.model, points, ...(state.models[state.model].skips ? corrupted() : {})});

const hover = latest(async () => {
  const {at} = walk, {model} = state;
  if (!at || walk.frames || (state.models[model].skips && !state.image)) return;
  const {images} = await decode([at]);
  if (model === state.model && !walk.frames) showDecoded(images[0]);
});

const follow = latest(async () => {
  const {from, to} = walk, {model} = state;
  if (!from || !to || (state.models[model].skips && !state.image)) return;
  const points = Array.from({length: STEPS + 1}, (_, i) => from.map((value, axis) => value + (to[axis] - value) * i / STEPS));
  const {images} = await decode(points);
  if (model !== state.model || walk.from !== from) return;
  walk.frames = points.map((at, i) => ({at, image: images[i]}));
  const film = Array.from({length: FILM + 1}, (_, i) => {
    const canvas = element("canvas", {className: "picture"});
    paint(canvas, images[i * STEPS / FILM]);
    return canvas;
  });
  const ends = [from, to].map(p => { const i = near(p); return i < 0 ? "here" : `a ${state.labels[i]}`; });
  $("way").replaceChildren(element("div", {className: "film", role: "img", ariaLabel: "The way"}, ...film),
    element("p", {className: "note", textContent: `The way from ${ends[0]} to ${ends[1]}, by the decoder of ${state.models[model].title}.`}));
  if (!walk.pressed) animate();
  else showFrame(STEPS);
});

function showFrame(step) {
  if (!walk.frames) return;
  walk.step = step;
  const {at, image} = walk.frames[step <= STEPS ? step : 2 * STEPS - step];
  walk.at = at;
  showOver();
  showDecoded(image);
}

/** Goes to and fro on the way, until the pointer does something else. */
function animate() {
  clearInterval(walk.timer);
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return showFrame(STEPS);
  walk.timer = setInterval(() => showFrame((walk.step + 1) % (2 * STEPS)), 60);
}

function forget() {
  clearInterval(walk.timer);
  Object.assign(walk, {from: null, to: null, frames: null});
}

/** Returns the test digit nearest to a point, or -1 where none is near on the screen. */
function near(point, most = 12) {
  const model = state.models[state.model], over = $("over");
  const [x, y] = toScreen(model, point, over.clientWidth, over.clientHeight);
  let best = -1, least = most ** 2;
  model.places.forEach(([px, py], i) => {
    const distance = (px - x) ** 2 + (py - y) ** 2;
    if (distance < least) [best, least] = [i, distance];
  });
  return best;
}

/** Moves a point to the test digit it is at. */
function snap(point) {
  const i = near(point);
  return i < 0 ? point : state.models[state.model].points[i];
}

function go(point) {
  walk.at = point;
  if (walk.from && !walk.frames) walk.to = point;
  showOver();
  hover();
}

function listenToPlane() {
  const over = $("over");
  const at = event => toPlane(state.models[state.model], [event.offsetX, event.offsetY]);
  over.addEventListener("pointerdown", event => {
    if (event.button) return;
    over.setPointerCapture(event.pointerId);
    forget();
    walk.pressed = [event.offsetX, event.offsetY];
    go(at(event));
  });
  over.addEventListener("pointermove", event => {
    if (walk.pressed && (walk.from || Math.hypot(event.offsetX - walk.pressed[0], event.offsetY - walk.pressed[1]) > 6)) {
      walk.from ||= snap(toPlane(state.models[state.model], walk.pressed));
      walk.at = walk.to = at(event);
      showOver();
      follow();
    } else if (!walk.frames && !walk.from) go(at(event));
  });
  over.addEventListener("pointerup", event => {
    if (!walk.pressed) return;
    walk.pressed = null;
    if (walk.from) {
      walk.to = snap(at(event));
      return follow();
    }
    const i = near(at(event), 20);
    if (i >= 0) take(i);
  });
  over.addEventListener("pointercancel", () => { walk.pressed = null; });
  over.addEventListener("pointerleave", () => {
    if (walk.from || walk.frames) return;
    walk.at = null;
    showOver();
    showDecoded(null);
  });
  over.addEventListener("keydown", planeKey);
}

function planeKey(event) {
  const move = ARROWS[event.key];
  if (!move && ![" ", "Enter", "Escape"].includes(event.key)) return;
  event.preventDefault();
  const model = state.models[state.model];
  const here = walk.at || model.bounds.map(([low, high]) => (low + high) / 2);
  if (move) {
    if (walk.frames) forget();
    const step = (axis, [low, high]) => clamp(here[axis] + move[axis] * (high - low) / (event.shiftKey ? 10 : 60), low, high);
    go(model.bounds.map((ends, axis) => step(axis, ends)));
  } else if (event.key === "Enter") {
    const i = near(here, 1e4);
    if (i >= 0) take(i);
  } else if (event.key === "Escape" || walk.frames) {
    forget();
    go(here);
  } else if (walk.from) {
    walk.to = snap(here);
    follow();
  } else {
    walk.from = snap(here);
    go(here);
  }
}

function choose(name) {
  forget();
  walk.at = null;
  showDecoded(null);
  state.model = name;
  const model = state.models[name];
  for (const [other, {card}] of Object.entries(state.models)) card.setAttribute("aria-pressed", other === name);
  $("walk-title").textContent = `Latent plane of ${model.title}`;
  $("walk-note").textContent = `${state.labels.length.toLocaleString("en")} test digits as the encoder places them; the cross is yours.`
    + (model.skips ? " Its decoder also gets your digit through the skip connections, so the plane changes little." : "");
  showMap();
}

function addCard({name, title, skips}, points) {
  const [output, mini, taken] = ["picture", "mini", "picture"].map(className => element("canvas", {className}));
  const numbers = element("span", {className: "numbers"});
  const part = (canvas, text) => element("figure", {}, canvas, element("figcaption", {textContent: text}));
  const card = element("button", {className: "card", type: "button"}, element("span", {className: "title", textContent: title}),
    part(output, "rebuilt"), part(taken, "removed"), part(mini, "its place"), numbers);
  card.addEventListener("click", () => {
    choose(name);
    $("walk").scrollIntoView({block: "nearest"});
  });
  state.models[name] = {title, skips, points, bounds: bounds(points), output, mini, taken, numbers, card};
  $("cards").append(card);
}

function redraw() {
  readTheme();
  for (const model of Object.values(state.models)) delete model.dots;
  if (state.classifier) showFilters();
  showPad();
  showMap();
  showResult();
}

async function start() {
  const [models, embeddings] = await Promise.all([api("models"), api("embeddings")]);
  colours = models.colours;
  state.labels = embeddings.labels;
  state.classifier = models.classifier;
  for (const line of models.missing) $("missing").append(element("p", {textContent: line}));
  $("bars").append(...colours.map((_, digit) => element("li", {}, element("span", {textContent: digit}), element("i", {}, element("b")), element("span"))));
  $("inside").hidden = !models.classifier;
  if (!models.classifier) $("bars").replaceChildren("There is none: make prob4 trains it.");
  $("walk").hidden = $("compare").hidden = !models.autoencoders.length;
  models.autoencoders.forEach(model => addCard(model, embeddings.points[model.name]));
  readTheme();
  if (models.classifier) showFilters();
  if (models.autoencoders.length) choose(models.autoencoders[0].name);
  listenToPad();
  listenToPlane();
  new IntersectionObserver(([entry]) => {
    state.insideVisible = entry.isIntersecting;
    if (state.insideVisible) refresh();
  }, {rootMargin: "200px"}).observe($("inside"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  new ResizeObserver(() => { showPad(); showMap(); }).observe(document.querySelector("main"));
  await take(0);
}

start().catch(error => fail(error.message));
