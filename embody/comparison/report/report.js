// Pairs of clips, each with a clock of its own; renderer.js, before this in the same script, draws.

const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const roundS = study.frames / study.frame_rate_hz;

class Pair {
  constructor(figure) {
    this.canvases = [...figure.querySelectorAll("canvas")];
    this.clips = figure.dataset.clips.split(" ");
    this.button = figure.querySelector("button");
    this.slider = figure.querySelector("input");
    this.share = 0;
    this.seen = false;
    this.stale = true;
    this.wanted = !still;
    this.button.addEventListener("click", () => this.want(!this.wanted));
    this.slider.addEventListener("input", () => {
      this.want(false);
      this.share = Number(this.slider.value);
    });
    this.want(this.wanted);
  }

  want(playing) {
    this.wanted = playing;
    this.stale = true;
    this.button.textContent = playing ? "pause" : "play";
    this.button.setAttribute("aria-pressed", String(playing));
  }

  tick(seconds) {
    if (!this.seen || !(this.wanted || this.stale)) return;
    if (this.wanted) {
      this.share = (this.share + seconds / roundS) % 1;
      this.slider.value = this.share;
    }
    this.stale = false;
    const frame = this.share * (study.frames - 1);
    this.canvases.forEach((canvas, i) => drawClip(canvas, clipOf(this.clips[i]), frame));
  }
}

const pairs = new Map([...document.querySelectorAll(".pair[data-clips]")].map((f) => [f, new Pair(f)]));
const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    pairs.get(target).seen = isIntersecting;
    pairs.get(target).stale = true;
  }
});
for (const figure of pairs.keys()) watcher.observe(figure);

function drawAgain() {
  readColours();
  for (const pair of pairs.values()) pair.stale = true;
}

let before = performance.now();
function draw(now) {
  const seconds = Math.min((now - before) / 1000, 0.1);
  before = now;
  for (const pair of pairs.values()) pair.tick(seconds);
  requestAnimationFrame(draw);
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAgain);
addEventListener("resize", drawAgain);
drawAgain();
requestAnimationFrame(draw);
