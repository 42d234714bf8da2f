"""How much of what a microphone hears is what a loudspeaker in the same room plays, and what is left without it.

Between loudspeaker and microphone lie a delay and a room, both linear and nearly constant for some seconds. So for each
frequency the microphone's short-time spectrum is predicted from the played one's last few windows by least squares
(convolutive transfer functions, Talmon, Cohen and Gannot 2009), on sound heard before; whoever speaks in the room
cannot be predicted from what is played.
"""

import numpy as np
import numpy.typing as npt

from speech.frames import SAMPLE_RATE, Float32

_WINDOW = 1024
_HOP = 256
_TAPS = 8
_RIDGE = 1e-3
_DECAY = 0.6
_TOLERANCE = 2.0
_LAGS = 20
_STRETCH = 5
_EARLIEST_SECONDS = 0.1
_LATEST_SECONDS = 1.0

Complex = npt.NDArray[np.complex64]


def without_echo(heard: Float32, played: Float32, learned: int) -> Float32:
    """What is left of `heard` without the echo of `played`.

    heard, played: float32 mono, 16 kHz, from the same moment on by the clock; the echo may come 0.1 s before that to 1 s after.
    learned: so many samples at the beginning decide what the room does; what follows is predicted.
    """
    length = len(heard)
    played = _aligned(played, length, _delay(heard[:learned], played))
    mic, ref = _spectra(heard), _spectra(played)
    frames = mic.shape[0]
    # By frequency first, so that what belongs to one lies together and is multiplied at once.
    past = np.zeros((ref.shape[1], frames, _TAPS), np.complex64)
    for tap in range(_TAPS):
        # One window of the future, because the delay is only known to about that.
        shift = tap - 1
        past[:, max(0, shift) : frames + min(0, shift), tap] = ref[max(0, -shift) : frames - max(0, shift)].T
    known = max(1, min(frames, learned // _HOP - _WINDOW // _HOP // 2))
    basis = np.ascontiguousarray(past[:, :known])
    adjoint = basis.conj().transpose(0, 2, 1)
    covariance = adjoint @ basis
    power = np.einsum("fkk->f", covariance).real / _TAPS
    covariance += (_RIDGE * power + 1e-6)[:, None, None] * np.eye(_TAPS, dtype=np.complex64)
    room = np.linalg.solve(covariance, adjoint @ np.ascontiguousarray(mic[:known].T)[:, :, None])
    echo = (past @ room)[:, :, 0].T
    # A line that was stopped cannot be missing: what is left is never louder than what was heard.
    rest = np.where(np.abs(mic - echo) < np.abs(mic), mic - echo, mic)
    return _sound(rest, length)


def unlike_echo(heard: Float32, played: Float32, learned: int) -> float:
    """Which share of the power after `learned` cannot be an echo of `played`, whenever that arrived. Arguments as above.

    Looks at power alone, so that echo is also known where the prediction fails: when devices lose sound or their clocks
    drift apart.
    """
    mic = np.square(np.abs(_spectra(heard)))
    ref = np.square(np.abs(_spectra(_aligned(played, len(heard), _delay(heard[:learned], played)))))
    for frame in range(1, len(ref)):
        ref[frame] = np.maximum(ref[frame], _DECAY * ref[frame - 1])
    known = max(1, min(len(mic), learned // _HOP))
    gain = mic[:known].sum(axis=0) / (ref[:known].sum(axis=0) + 1e-9)
    late = mic[known:]
    most = np.square(_TOLERANCE) * gain * ref
    unlike = []
    for lag in range(-_LAGS, _LAGS + 1):
        places = np.clip(np.arange(known, len(mic)) - lag, 0, len(mic) - 1)
        unlike.append(np.maximum(0, late - most[places]).sum(axis=1))
    # Sound may have been lost in between, so that each stretch has its own delay.
    stretches = np.array_split(np.array(unlike), max(1, len(late) // _STRETCH), axis=1)
    return float(sum(stretch.sum(axis=1).min() for stretch in stretches) / (late.sum() + 1e-12))


def _delay(heard: Float32, played: Float32) -> int:
    """Samples by which the echo comes later than what is played, by generalised cross-correlation."""
    early, late = round(_EARLIEST_SECONDS * SAMPLE_RATE), round(_LATEST_SECONDS * SAMPLE_RATE)
    # What is played later than that is not heard here.
    played = played[: len(heard) + early]
    # Large enough for the lags that are looked at; others may fall onto each other.
    size = 1 << (max(len(heard) + early, len(played) + late)).bit_length()
    cross = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(played, size))
    cross /= np.sqrt(np.abs(cross)) + 1e-6
    likeness = np.fft.irfft(cross, size)
    return int(np.argmax(np.abs(np.concatenate([likeness[-early:], likeness[:late]])))) - early


def _aligned(played: Float32, length: int, delay: int) -> Float32:
    shifted = np.concatenate([np.zeros(max(0, delay), np.float32), played[max(0, -delay) :]])[:length]
    return np.pad(shifted, (0, length - len(shifted)))


def _spectra(sound: Float32) -> Complex:
    padded = np.pad(sound, (_WINDOW // 2, _WINDOW))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    return np.fft.rfft(windows * _hann(), axis=1).astype(np.complex64)


def _sound(spectra: Complex, length: int) -> Float32:
    pieces = np.fft.irfft(spectra, _WINDOW, axis=1) * _hann()
    sound = np.zeros(len(pieces) * _HOP + _WINDOW)
    weight = np.zeros_like(sound)
    square = _hann() ** 2
    for number, piece in enumerate(pieces):
        sound[number * _HOP : number * _HOP + _WINDOW] += piece
        weight[number * _HOP : number * _HOP + _WINDOW] += square
    whole = sound / np.maximum(weight, 0.1)
    return whole[_WINDOW // 2 : _WINDOW // 2 + length].astype(np.float32)


def _hann() -> npt.NDArray[np.float64]:
    return np.hanning(_WINDOW + 1)[:-1]
