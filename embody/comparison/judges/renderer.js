"use strict";
const study = JSON.parse(document.getElementById("study").textContent);

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
