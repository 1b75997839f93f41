// The page of one judge; renderer.js, before it in the same script, draws.

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
