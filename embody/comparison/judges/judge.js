"use strict";
const study = JSON.parse(document.getElementById("study").textContent);
const $ = (id) => document.getElementById(id);
const STORE = `embody-judge:${study.study}`;
const trialNames = Object.keys(study.trials).sort();
const EARLIEST_ANSWER_MS = 250;

// --- Judge: a random number, which also seeds the order of trials and the sides ---

function randomJudge() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

function remembered() {
  try {
    const state = JSON.parse(localStorage.getItem(STORE));
    if (state && /^[0-9a-f]{32}$/.test(state.judge)) return { ...newState(), ...state };
  } catch { /* no storage here, or a damaged one: a new judge */ }
  return null;
}

function newState(outbox = []) {
  return { judge: randomJudge(), agreed: false, practised: 0, begun: false, answers: {}, outbox };
}

function remember() {
  try { localStorage.setItem(STORE, JSON.stringify(state)); } catch { /* kept in memory only */ }
}

function mulberry32(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function plan(judge) {
  const random = mulberry32(parseInt(judge.slice(0, 8), 16));
  const sided = (clips) => (random() < 0.5 ? [clips[0], clips[1]] : [clips[1], clips[0]]);
  const practice = study.practice.map((p) => ({ clips: sided(p.clips), real: p.real }));
  const trials = trialNames.map((name) => ({ name, clips: sided(study.trials[name]) }));
  for (let i = trials.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [trials[i], trials[j]] = [trials[j], trials[i]];
  }
  return { practice, trials };
}

let state = remembered() || newState();
let planned = plan(state.judge);
let served = false;

// --- Clips ---

const decoded = new Map();

function smoothed(values, sigma) {
  const reach = Math.ceil(3 * sigma);
  return values.map((_, i) => {
    let sum = 0, weights = 0;
    for (let k = Math.max(0, i - reach); k <= Math.min(values.length - 1, i + reach); k++) {
      const weight = Math.exp(-0.5 * ((k - i) / sigma) ** 2);
      sum += weight * values[k];
      weights += weight;
    }
    return sum / weights;
  });
}

function clipOf(name) {
  if (decoded.has(name)) return decoded.get(name);
  const text = atob(study.clips[name]);
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const values = new Float32Array(bytes.length / 2);
  for (let i = 0; i < values.length; i++) values[i] = view.getInt16(2 * i, true) * study.unit;
  const centre = [[], []];
  for (let f = 0; f < study.frames; f++) {
    for (const axis of [0, 1]) {
      let sum = 0;
      for (let p = 0; p < study.points; p++) sum += values[2 * (f * study.points + p) + axis];
      centre[axis].push(sum / study.points);
    }
  }
  const sigma = 0.3 * study.frame_rate_hz;
  const clip = { values, centre, camera: study.moves ? centre.map((c) => smoothed(c, sigma)) : null };
  decoded.set(name, clip);
  return clip;
}

function between(series, frame) {
  const low = Math.min(Math.floor(frame), series.length - 1), high = Math.min(low + 1, series.length - 1);
  return series[low] + (series[high] - series[low]) * (frame - low);
}

function pointsAt(clip, frame) {
  const low = Math.min(Math.floor(frame), study.frames - 1), high = Math.min(low + 1, study.frames - 1);
  const weight = frame - low, size = 2 * study.points, points = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const a = clip.values[low * size + i];
    points[i] = a + (clip.values[high * size + i] - a) * weight;
  }
  return points;
}

// --- Drawing: the only renderer there is, for animals and models alike ---

const VIEW_BODY_LENGTHS = study.look !== "outline" ? 1.9 : study.moves ? 1.5 : 1.25;
const HALF_WIDTH = 0.036;
let colours = {};

function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["body", "edge", "dot", "trail"]) colours[name] = style.getPropertyValue(`--${name}`).trim();
}

function fit(canvas) {
  const density = Math.min(window.devicePixelRatio || 1, 2.5);
  const width = Math.round(canvas.clientWidth * density), height = Math.round(canvas.clientHeight * density);
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
}

function drawClip(canvas, clip, frame) {
  fit(canvas);
  const context = canvas.getContext("2d"), { width, height } = canvas;
  const scale = Math.min(width, height) / VIEW_BODY_LENGTHS;
  const eye = clip.camera ? clip.camera.map((c) => between(c, frame)) : [0, 0];
  const x = (value) => width / 2 + (value - eye[0]) * scale;
  const y = (value) => height / 2 - (value - eye[1]) * scale;
  context.clearRect(0, 0, width, height);
  if (study.moves) drawGround(context, eye, scale, width, height);
  if (study.trail) drawTrail(context, clip, frame, x, y, scale);
  const points = pointsAt(clip, frame);
  for (let i = 0; i < points.length; i += 2) { points[i] = x(points[i]); points[i + 1] = y(points[i + 1]); }
  (study.look === "outline" ? drawOutline : drawSticks)(context, points, scale);
}

function drawGround(context, eye, scale, width, height) {
  const step = 0.25, radius = Math.max(1, scale * 0.006);
  const across = width / scale / 2 + step, up = height / scale / 2 + step;
  context.fillStyle = colours.dot;
  context.beginPath();
  for (let gx = Math.ceil((eye[0] - across) / step) * step; gx < eye[0] + across; gx += step) {
    for (let gy = Math.ceil((eye[1] - up) / step) * step; gy < eye[1] + up; gy += step) {
      const px = width / 2 + (gx - eye[0]) * scale, py = height / 2 - (gy - eye[1]) * scale;
      context.moveTo(px + radius, py);
      context.arc(px, py, radius, 0, 2 * Math.PI);
    }
  }
  context.fill();
}

function drawTrail(context, clip, frame, x, y, scale) {
  context.beginPath();
  context.moveTo(x(clip.centre[0][0]), y(clip.centre[1][0]));
  for (let f = 1; f <= frame; f++) context.lineTo(x(clip.centre[0][f]), y(clip.centre[1][f]));
  context.lineTo(x(between(clip.centre[0], frame)), y(between(clip.centre[1], frame)));
  context.strokeStyle = colours.trail;
  context.globalAlpha = 0.45;
  context.lineWidth = Math.max(1.2, scale * 0.008);
  context.lineJoin = context.lineCap = "round";
  context.stroke();
  context.globalAlpha = 1;
}

function drawOutline(context, points, scale) {
  const nodes = finer(points), gap = Math.max(1, scale * 0.006);
  const body = sides(nodes, scale, 0), rim = sides(nodes, scale, gap);
  // From one end to the other, each piece over a rim: where the body crosses itself, it shows.
  for (let i = 1; i < nodes.length; i++) {
    fillBetween(context, rim, i - 1, i, colours.edge);
    fillBetween(context, body, Math.max(0, i - 2), i, colours.body);
  }
}

function sides(nodes, scale, gap) {
  const last = nodes.length - 1;
  return nodes.map(([px, py], i) => {
    const [ax, ay] = nodes[Math.max(0, i - 1)], [bx, by] = nodes[Math.min(last, i + 1)];
    const length = Math.hypot(bx - ax, by - ay) || 1;
    // Both ends taper alike: a tracker's confusion of head and tail must not be seen.
    const along = Math.abs((2 * i) / last - 1);
    const half = HALF_WIDTH * scale * Math.pow(1 - Math.pow(along, 3.2), 0.62) + gap;
    const nx = (half * (ay - by)) / length, ny = (half * (bx - ax)) / length;
    return [[px + nx, py + ny], [px - nx, py - ny]];
  });
}

function fillBetween(context, outline, from, to, colour) {
  context.fillStyle = colour;
  context.beginPath();
  for (let i = from; i <= to; i++) context.lineTo(...outline[i][0]);
  for (let i = to; i >= from; i--) context.lineTo(...outline[i][1]);
  context.fill();
}

function finer(points) {
  const count = points.length / 2, nodes = [];
  const at = (i, axis) => points[2 * Math.min(Math.max(i, 0), count - 1) + axis];
  for (let i = 0; i < count - 1; i++) {
    for (let t = 0; t < 1; t += 0.25) {
      nodes.push([0, 1].map((axis) => {
        const [a, b, c, d] = [-1, 0, 1, 2].map((k) => at(i + k, axis));
        return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
      }));
    }
  }
  return [...nodes, [at(count - 1, 0), at(count - 1, 1)]];
}

function drawSticks(context, points, scale) {
  context.strokeStyle = context.fillStyle = colours.body;
  context.lineWidth = Math.max(1.5, scale * 0.018);
  context.lineCap = "round";
  if (study.look === "sticks") {
    context.beginPath();
    for (const [a, b] of study.edges) {
      context.moveTo(points[2 * a], points[2 * a + 1]);
      context.lineTo(points[2 * b], points[2 * b + 1]);
    }
    context.stroke();
  }
  context.beginPath();
  const radius = Math.max(2, scale * 0.02);
  for (let i = 0; i < points.length; i += 2) {
    context.moveTo(points[i] + radius, points[i + 1]);
    context.arc(points[i], points[i + 1], radius, 0, 2 * Math.PI);
  }
  context.fill();
}

// --- Playing both clips by one clock ---

const canvases = ["left", "right"].map((side) => $(side).querySelector("canvas"));
let showing = null, startedAt = 0, pausedAt = null, playedBefore = 0;

function elapsed() { return (pausedAt === null ? performance.now() : pausedAt) - startedAt; }

function replay() {
  playedBefore += elapsed();
  startedAt = performance.now();
  pausedAt = pausedAt === null ? null : startedAt;
}

function setPaused(paused) {
  if (paused && pausedAt === null) pausedAt = performance.now();
  if (!paused && pausedAt !== null) { startedAt += performance.now() - pausedAt; pausedAt = null; }
  $("pause").setAttribute("aria-pressed", String(paused));
  $("pause").querySelector("span").textContent = paused ? "play" : "pause";
}

function draw() {
  if (showing) {
    const frame = ((elapsed() / 1000) * study.frame_rate_hz) % study.frames;
    canvases.forEach((canvas, i) => drawClip(canvas, clipOf(showing.clips[i]), frame));
    $("clock").firstElementChild.style.transform = `scaleX(${frame / study.frames})`;
  }
  requestAnimationFrame(draw);
}

// --- Screens ---

let screen = "", choice = null, choiceMs = 0, shownAt = 0, waiting = false;

function show(name) {
  screen = name;
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== name;
  if (name !== "trial") showing = null;
}

function next() {
  planned.trials.forEach((trial, i) => { trial.position = i; });
  const open = planned.trials.filter((trial) => !(trial.name in state.answers));
  const done = trialNames.length - open.length;
  $("progress").value = done / trialNames.length;
  $("count").textContent = "";
  if (!state.agreed) return show("consent");
  if (!state.begun && state.practised < planned.practice.length) {
    $("count").textContent = `practice ${state.practised + 1} of ${planned.practice.length}`;
    return begin(planned.practice[state.practised]);
  }
  if (!state.begun && planned.practice.length) return show("ready");
  if (!open.length) return finish();
  $("count").textContent = `${done + 1} of ${trialNames.length}`;
  begin(open[0]);
}

function begin(trial) {
  show("trial");
  showing = trial;
  choice = null;
  waiting = false;
  shownAt = startedAt = performance.now();
  playedBefore = 0;
  const still = pausedAt !== null;
  pausedAt = still ? startedAt : null;
  for (const side of ["left", "right"]) {
    $(side).className = "panel";
    $(side).setAttribute("aria-pressed", "false");
  }
  say(still ? "Paused: press P, or the button below, to play." : "");
  $("onward").hidden = true;
  $("confidence").hidden = false;
  allowConfidence(false);
}

function say(text, kind = "") {
  $("message").textContent = text;
  $("message").className = kind;
}

function allowConfidence(allowed) {
  $("confidence").classList.toggle("idle", !allowed);
  for (const button of $("confidence").children) button.disabled = !allowed;
}

function choose(side) {
  if (screen !== "trial" || waiting || performance.now() - shownAt < EARLIEST_ANSWER_MS) return;
  choice = side;
  choiceMs = performance.now() - shownAt;
  for (const other of ["left", "right"]) $(other).setAttribute("aria-pressed", String(other === side));
  say(`The ${side} one. How sure are you?`);
  allowConfidence(true);
}

function rate(confidence) {
  if (screen !== "trial" || waiting || !choice) return;
  if ("real" in showing) return teach();
  const seconds = (playedBefore + elapsed()) / 1000;
  const answer = {
    study: study.study,
    judge: state.judge,
    trial: showing.name,
    position: showing.position,
    left: showing.clips[0],
    right: showing.clips[1],
    choice,
    confidence,
    response_ms: Math.round(choiceMs),
    plays: Math.round((seconds * study.frame_rate_hz * 100) / study.frames) / 100,
    viewport: [window.innerWidth, window.innerHeight],
    answered_at_ms: Date.now(),
  };
  state.answers[answer.trial] = answer;
  state.outbox.push(answer);
  remember();
  send();
  next();
}

function teach() {
  const real = showing.clips.indexOf(showing.real) === 0 ? "left" : "right";
  waiting = true;
  allowConfidence(false);
  $(real).classList.add("real");
  if (choice !== real) $(choice).classList.add("missed");
  say(choice === real ? "Right." : `No: the ${real} one is real.`, choice === real ? "right" : "wrong");
  $("confidence").hidden = true;
  $("onward").hidden = false;
}

function onward() {
  if (screen === "consent") state.agreed = true;
  else if (screen === "ready") state.begun = true;
  else if (screen === "trial" && waiting) state.practised += 1;
  else return;
  remember();
  next();
}

function finish() {
  show("done");
  $("progress").value = 1;
  const kept = state.outbox.length > 0;
  $("outcome").textContent = !kept
    ? "All answers have arrived. You may close the page."
    : sending
      ? "Sending the answers …"
      : "Your answers are kept on this device alone. Save them, and send the file to whoever asked you.";
  $("save").hidden = !kept || sending;
  $("judge").textContent = state.judge;
  $("study-name").textContent = study.study.slice(0, 16);
}

function save() {
  const lines = state.outbox.map((answer) => JSON.stringify(answer));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "application/x-ndjson" }));
  link.download = `answers-${state.judge.slice(0, 8)}.ndjson`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// --- Answers to the server, where there is one ---

const RETRY_MS = 5000;
let sending = false;

async function send() {
  if (!served || sending) return;
  sending = true;
  try {
    while (state.outbox.length) {
      const answer = state.outbox[0];
      const reply = await fetch("answers", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(answer),
      });
      if (!reply.ok) break;
      state.outbox = state.outbox.filter((other) => other !== answer);
      remember();
    }
  } catch { /* the server is away: the answers wait here */ }
  sending = false;
  if (screen === "done") finish();
}

async function greet() {
  if (!location.protocol.startsWith("http")) return;
  try {
    const reply = await fetch(`progress?judge=${state.judge}`);
    const told = reply.ok ? await reply.json() : null;
    served = Boolean(told && told.study === study.study);
    const others = state.outbox.filter((answer) => answer.judge !== state.judge);
    const lost = (answer) => !told.answered.includes(answer.trial);
    if (served) state.outbox = [...others, ...Object.values(state.answers).filter(lost)];
  } catch { served = false; }
  send();
}

// --- Hands ---

const KEYS = { ArrowLeft: "left", f: "left", ArrowRight: "right", j: "right" };

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key in KEYS && screen === "trial") choose(KEYS[key]);
  else if (/^[1-4]$/.test(key) && screen === "trial") rate(Number(key));
  else if (key === "r" && screen === "trial") replay();
  else if (key === "p" && screen === "trial") setPaused(pausedAt === null);
  else if (key === "Enter" && (waiting || !(event.target instanceof HTMLButtonElement))) onward();
  else return;
  event.preventDefault();
});
for (const side of ["left", "right"]) $(side).addEventListener("click", () => choose(side));
for (const button of $("confidence").children) {
  button.addEventListener("click", () => { button.blur(); rate(Number(button.dataset.value)); });
}
for (const id of ["agree", "begin", "onward"]) $(id).addEventListener("click", () => { $(id).blur(); onward(); });
$("replay").addEventListener("click", replay);
$("pause").addEventListener("click", () => setPaused(pausedAt === null));
$("save").addEventListener("click", save);
$("another").addEventListener("click", () => {
  state = newState(state.outbox);
  planned = plan(state.judge);
  remember();
  next();
});

for (const place of document.querySelectorAll(".species")) place.textContent = study.species;
$("practice-count").textContent = study.practice.length;
$("trial-count").textContent = trialNames.length;
$("minutes").textContent = Math.max(1, Math.round(((trialNames.length + study.practice.length) * 7) / 60));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", readColours);
readColours();
if (matchMedia("(prefers-reduced-motion: reduce)").matches) setPaused(true);
remember();
greet();
setInterval(() => { if (state.outbox.length) (served ? send : greet)(); }, RETRY_MS);
next();
requestAnimationFrame(draw);
