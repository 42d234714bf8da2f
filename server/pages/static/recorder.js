// In the sound's own thread: whatever rate the microphone has becomes 16 kHz, 16 bits, in pieces of a tenth of a second.

const RATE = 16000;
const PIECE = 1600;
const HALF_WIDTH = 16; // zero crossings of the filter to each side
const STEPS = 64; // table entries between two zero crossings

// A low pass below half the lower rate: a sinc under a Blackman window (Smith, Digital Audio Resampling).
const table = Float32Array.from({ length: HALF_WIDTH * STEPS + 2 }, (_, index) => {
  const x = index / STEPS;
  if (x >= HALF_WIDTH) return 0;
  const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  const turn = (Math.PI * x) / HALF_WIDTH;
  return sinc * (0.42 + 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn));
});

class Recorder extends AudioWorkletProcessor {
  constructor() {
    super();
    this.step = sampleRate / RATE;
    this.scale = 0.92 * Math.min(1, 1 / this.step);
    this.reach = Math.ceil(HALF_WIDTH / this.scale);
    this.samples = new Float32Array(0);
    this.at = this.reach;
    this.piece = new Int16Array(PIECE);
    this.filled = 0;
  }

  process([input]) {
    if (!input.length) return true;
    const mono = new Float32Array(input[0].length);
    for (const channel of input) for (let n = 0; n < mono.length; n += 1) mono[n] += channel[n] / input.length;
    const samples = new Float32Array(this.samples.length + mono.length);
    samples.set(this.samples);
    samples.set(mono, this.samples.length);
    while (this.at + this.reach < samples.length) {
      this.put(this.filtered(samples));
      this.at += this.step;
    }
    const done = Math.max(0, Math.floor(this.at) - this.reach);
    this.samples = samples.slice(done);
    this.at -= done;
    return true;
  }

  filtered(samples) {
    const first = Math.ceil(this.at - this.reach);
    const last = Math.floor(this.at + this.reach);
    let sum = 0;
    for (let n = Math.max(0, first); n <= last; n += 1) {
      const place = Math.abs(n - this.at) * this.scale * STEPS;
      const index = place | 0;
      if (index < table.length - 1) sum += samples[n] * (table[index] + (table[index + 1] - table[index]) * (place - index));
    }
    return sum * this.scale;
  }

  put(sample) {
    this.piece[this.filled] = Math.max(-32768, Math.min(32767, Math.round(sample * 32767)));
    this.filled += 1;
    if (this.filled === PIECE) {
      this.port.postMessage(this.piece.buffer, [this.piece.buffer]);
      this.piece = new Int16Array(PIECE);
      this.filled = 0;
    }
  }
}

registerProcessor("recorder", Recorder);
