// The browser's microphone as pieces of 16 kHz sound (s16le, mono).

const WHY = {
  NotAllowedError: "The browser does not let this page use the microphone. Allow it beside the address, then begin again.",
  NotFoundError: "There is no microphone. Plug one in, then begin again.",
  NotReadableError: "The microphone is used by another program. Close that, then begin again.",
};

export class NoMicrophone extends Error {}

// take: called with each piece, an ArrayBuffer. lost: called when the microphone is gone.
export async function openMicrophone(take, lost) {
  let stream;
  if (!window.isSecureContext) {
    throw new NoMicrophone(`Browsers give their microphone only to pages of their own machine. Choose the desk's microphone, or open this page through a tunnel: ssh -L ${location.port}:127.0.0.1:${location.port} ${location.hostname}`);
  }
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  } catch (error) {
    throw new NoMicrophone(WHY[error.name] ?? `The microphone cannot be used (${error.message}).`);
  }
  const context = new AudioContext({ latencyHint: "balanced" });
  await context.audioWorklet.addModule("/static/recorder.js");
  const node = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0 });
  node.port.onmessage = (event) => take(event.data);
  context.createMediaStreamSource(stream).connect(node);
  stream.getAudioTracks()[0].addEventListener("ended", lost);
  return {
    // Some browsers let no sound run before somebody touches the page.
    sleeping: () => context.state === "suspended",
    wake: () => context.resume(),
    close: () => {
      for (const track of stream.getTracks()) track.stop();
      context.close();
    },
  };
}
