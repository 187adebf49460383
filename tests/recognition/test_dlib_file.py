"""dlib's file is read exactly; whatever else it may be is said in one line."""

import time

import numpy as np
import pytest

from tf_morph.errors import InputError
from tf_morph.recognition.architectures import ARCHITECTURES
from tf_morph.recognition.weight_files import assign, dlib_file, read_weights, recognise

AGAIN = "fetch it again from https://github.com/davisking/dlib-models"
GIVE = "give dlib_face_recognition_resnet_model_v1.dat"
FIRST_LAYER = b"\x01\x05con_4"


@pytest.fixture(scope="module")
def content(dlib_file):
    return dlib_file.read_bytes()


@pytest.fixture
def error(tmp_path):
    def of(content: bytes) -> str:
        path = tmp_path / "dlib_face_recognition_resnet_model_v1.dat"
        path.write_bytes(content)
        with pytest.raises(InputError) as caught:
            read_weights(path)
        message = str(caught.value)
        assert "\n" not in message and message.count(str(path)) == 1
        assert message.startswith(f"{path}: ")
        return message.removeprefix(f"{path}: ")

    return of


def _put(content: bytes, position: int, new: bytes) -> bytes:
    return content[:position] + new + content[position + len(new) :]


def _nth(content: bytes, part: bytes, number: int) -> int:
    position = -1
    for _ in range(number):
        position = content.index(part, position + 1)
    return position


def _weights_of_the_first_convolution(content):
    # name, tensor's version, its sizes 4736 (two bytes) x 1 x 1 x 1
    start = content.index(FIRST_LAYER) + len(FIRST_LAYER) + 2 + 3 + 3 * 2
    return start, np.frombuffer(content, "<f4", 32 * 3 * 49 + 32, start)


def test_an_affine_layer_is_part_of_the_convolution_before_it(content, dlib_file):
    weights = read_weights(dlib_file).weights
    start, numbers = _weights_of_the_first_convolution(content)
    end = start + 4 * len(numbers)
    affine = content.index(b"\x01\x07affine_", end)
    scales, offsets = np.frombuffer(content, "<f4", 64, affine + 9 + 2 + 4 * 2).reshape(2, 32)
    kernel = numbers[: 32 * 3 * 49].reshape(32, 3, 7, 7)
    for output, row, column, channel in ((0, 0, 0, 0), (5, 1, 6, 2), (31, 6, 3, 1)):
        expected = kernel[output, channel, row, column] * scales[output]
        found = weights["conv1"]["kernel"][row, column, channel, output]
        assert found == pytest.approx(expected, rel=1e-6)
    np.testing.assert_allclose(
        weights["conv1"]["bias"], numbers[-32:] * scales + offsets, rtol=1e-5, atol=1e-7
    )
    assert len(weights) == 30 and weights["embedding"]["kernel"].shape == (256, 128)
    matrix = np.frombuffer(content, "<f4", 4, content.index(b"\x01\x04fc_2") + 6 + 5 + 2 + 3 + 6)
    np.testing.assert_array_equal(weights["embedding"]["kernel"][0, :4], matrix)


def test_reading_takes_no_time(dlib_file):
    start = time.perf_counter()
    recognise(dlib_file)
    assert time.perf_counter() - start < 1  # 0.02 s; a loop over its numbers takes seconds


@pytest.mark.parametrize("share", [0.00001, 0.0001, 0.01, 0.3, 0.5, 0.77, 0.999999])
def test_a_part_of_the_file_is_called_truncated(content, error, share):
    part = content[: int(share * len(content))]
    assert error(part) == f"truncated or damaged: it ends after {len(part):,} bytes; {AGAIN}"


def test_bytes_too_many_are_named(content, error):
    assert error(content + b"ab") == f"damaged: 2 bytes follow the last layer; {AGAIN}"


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_named_by_their_layer(content, error, value):
    start, _ = _weights_of_the_first_convolution(content)
    message = error(_put(content, start + 400, np.float32(value).tobytes()))
    assert message == "layer 'conv1', kernel: not all of its numbers are finite"
    affine = content.index(b"\x01\x07affine_")
    message = error(_put(content, affine + 19, np.float32(value).tobytes()))
    assert message == "layer 'conv1', kernel: not all of its numbers are finite"
    end = content.rindex(b"\x01\x04fc_2") + 6 + 5 + 2 + 3 + 6
    message = error(_put(content, end, np.float32(value).tobytes()))
    assert message == "layer 'embedding', kernel: not all of its numbers are finite"


def test_other_layers_than_dlib_s_are_named(content, error):
    third = _nth(content, FIRST_LAYER, 3) + 2
    message = error(_put(content, third, b"con_9"))
    assert "layer 8 of 108 is called 'con_9', not 'con_4'" in message and message.endswith(AGAIN)
    assert "is called 'relu6'" in error(content.replace(b"\x01\x05relu_", b"\x01\x05relu6", 1))
    assert "no layer's name" in error(_put(content, third, b"\xff\x00\x01ab"))
    assert "its input is called" in error(content.replace(b"input_rgb", b"input_bgr"))
    assert "no layer's name" in error(content.replace(FIRST_LAYER, b"\x01\x7fcon_4", 1))


def test_sizes_that_are_not_the_network_s_take_no_memory(content, error):
    first = content.index(FIRST_LAYER) + len(FIRST_LAYER)
    assert content[first : first + 5] == b"\x01\x02\x02\x80\x12"
    huge = b"\x01\x02" + 4 * (b"\x08" + b"\xff" * 7 + b"\x7f")
    message = error(content[:first] + huge + content[first + 11 :])
    assert message.startswith("truncated or damaged: it ends after")
    negative = _put(content, first + 2, b"\x82\x80\x12")
    assert "no tensor" in error(negative)
    assert "no tensor" in error(_put(content, first, b"\x01\x03"))
    assert "no integer" in error(_put(content, first, b"\x09\x02"))
    assert "no integer" in error(_put(content, first, b"\x00\x02"))
    # Stride 1 in place of 2: a file of as many numbers, another network.
    stride = first + 11 + 4 * 4736 + 6
    assert content[stride : stride + 4] == b"\x01\x02\x01\x02"
    message = error(_put(content, stride, b"\x01\x01\x01\x01"))
    assert "layer 1 of 108, 'con_4', has other sizes than dlib's" in message


def test_another_input_is_refused(content, error):
    size = content.index(b"\x01\x96\x01\x96")
    assert "its input is (150, 200) minus" in error(_put(content, size + 3, b"\xc8"))
    assert "its input is" in error(_put(content, size - 5, b"\x00"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mmod_human_face_detector.dat", "dlib's face detector, which recognises nobody"),
        ("shape_predictor_5_face_landmarks.dat", "dlib's predictor of 5 landmarks, which"),
        ("shape_predictor_68_face_landmarks.dat", "dlib's predictor of 68 landmarks, which"),
    ],
)
def test_what_lies_beside_it_is_named_for_what_it_is(dlib_file, name, expected):
    with pytest.raises(InputError, match=expected) as caught:
        recognise(dlib_file.parent / name)
    assert str(caught.value).endswith(GIVE) and "\n" not in str(caught.value)


def test_beginnings_that_lead_nowhere(error, content):
    assert "holds no network that is known here" in error(b"\x01\x01")
    assert "holds no network that is known here" in error(b"\x01\x01\x01\x06serial" + bytes(99))
    assert error(content[:17]).startswith("truncated")
    assert "none of the files known here" in error(b"\x02" + content[1:5000])
    larger = dlib_file._LARGEST_FILE - len(content) + 1
    assert "more than 64 MB" in error(content + bytes(larger))


def test_damage_is_an_error_or_leaves_numbers_of_the_same_shapes(content, tmp_path):
    model = ARCHITECTURES["dlib_resnet"].build()
    path = tmp_path / "damaged.dat"
    rng = np.random.default_rng(0)
    outcomes = set()
    layers = [_nth(content, FIRST_LAYER, number) for number in (1, 5, 20)]
    for _ in range(12):
        damaged = np.frombuffer(content, np.uint8).copy()
        start = rng.choice(layers) + rng.integers(-60, 14)
        damaged[start : start + 3] = rng.integers(0, 256, 3)
        path.write_bytes(damaged.tobytes())
        try:
            assign(model, read_weights(path))
            outcomes.add("read")
        except InputError as error:
            assert "\n" not in str(error)
            outcomes.add("refused")
    assert "refused" in outcomes
