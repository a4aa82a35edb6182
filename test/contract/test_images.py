import array
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from jepa_ros.contract import StreamError, check_image, decode_image, resize_image

RGB = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
GRAY = RGB[..., 0]


def image(pixels, encoding, padding=0, **changes):
    """A sensor_msgs/Image of (H, W[, C]) pixels, rows padded by some bytes."""
    rows = np.ascontiguousarray(pixels).view(np.uint8).reshape(pixels.shape[0], -1)
    rows = np.pad(rows, ((0, 0), (0, padding)))
    height, width = pixels.shape[:2]
    fields = {
        "height": height,
        "width": width,
        "step": rows.shape[1],
        "is_bigendian": 0,
        "encoding": encoding,
    }
    return SimpleNamespace(**(fields | {"data": rows.reshape(-1)} | changes))


def compressed(data, format="jpeg"):
    return SimpleNamespace(format=format, data=np.frombuffer(data, np.uint8))


def encoded(extension, pixels=RGB):
    return cv2.imencode(extension, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))[1].tobytes()


@pytest.mark.parametrize("padding", [0, 5])
@pytest.mark.parametrize(
    ("encoding", "pixels"),
    [
        ("rgb8", RGB),
        ("RGB8", RGB),
        ("8UC3", RGB),
        ("bgr8", RGB[..., ::-1]),
        ("rgba8", np.dstack([RGB, GRAY])),
        ("bgra8", np.dstack([RGB[..., ::-1], GRAY])),
    ],
)
def test_colours_come_out_as_rgb_with_or_without_row_padding(encoding, pixels, padding):
    decoded = decode_image(image(pixels, encoding, padding))
    assert decoded.dtype == np.uint8
    np.testing.assert_array_equal(decoded, RGB)


@pytest.mark.parametrize("encoding", ["mono8", "8UC1"])
def test_grey_comes_out_in_three_channels(encoding):
    np.testing.assert_array_equal(decode_image(image(GRAY, encoding, 3)), np.dstack([GRAY] * 3))


def test_sixteen_bits_of_grey_are_scaled_to_eight_in_both_byte_orders():
    deep = GRAY.astype(np.uint16) * 257 + 77  # white is 65535 here and 255 there; 77 is less than half a step
    deep[GRAY == 255] = 65535
    expected = np.dstack([GRAY] * 3)
    np.testing.assert_array_equal(decode_image(image(deep.astype("<u2"), "mono16")), expected)
    np.testing.assert_array_equal(decode_image(image(deep.astype(">u2"), "mono16", is_bigendian=1)), expected)


@pytest.mark.parametrize(
    ("encoding", "pattern"),
    [("bayer_rggb8", "rggb"), ("bayer_bggr8", "bggr"), ("bayer_gbrg8", "gbrg"), ("bayer_grbg8", "grbg")],
)
def test_a_bayer_pattern_of_one_colour_shows_that_colour(encoding, pattern):
    colour = {"r": 200, "g": 90, "b": 30}
    cell = np.array([colour[letter] for letter in pattern], np.uint8).reshape(2, 2)
    decoded = decode_image(image(np.tile(cell, (8, 8)), encoding))
    np.testing.assert_array_equal(decoded[8, 8], [200, 90, 30])


@pytest.mark.parametrize("encoding", ["yuv422", "uyvy", "yuv422_yuy2", "yuyv"])
def test_yuv_without_colour_is_grey(encoding):
    luma_first = encoding in ("yuv422_yuy2", "yuyv")
    pixel = [126, 128] if luma_first else [128, 126]
    decoded = decode_image(image(np.tile(np.array(pixel, np.uint8), (4, 6, 1)), encoding))
    assert decoded.shape == (4, 6, 3)
    assert (decoded == decoded[0, 0, 0]).all()


def test_rgb_is_not_copied():
    message = image(RGB, "rgb8", padding=4)
    assert np.shares_memory(decode_image(message), message.data)


@pytest.mark.parametrize("kind", [bytes, bytearray, lambda data: array.array("B", data.tobytes())])
def test_data_may_be_of_any_kind_of_bytes(kind):
    message = image(RGB, "rgb8")
    message.data = kind(message.data)
    np.testing.assert_array_equal(decode_image(message), RGB)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"encoding": ""}, "encoding '' is not one of rgb8"),
        ({"encoding": "32FC1"}, "encoding '32FC1'"),
        ({"encoding": "16UC1"}, "encoding '16UC1'"),
        ({"height": 0}, "image of 8x0 pixels"),
        ({"width": 0}, "image of 0x6 pixels"),
        ({"width": 1_000_000}, "image of 1000000x6 pixels"),
        ({"width": 9}, "step 24 is less than 9 pixels"),
        ({"step": 0}, "step 0 is less than"),
        ({"step": 25}, "has 144 bytes, not step 25"),
        ({"height": 7}, "has 144 bytes, not step 24 x height 7"),
        ({"height": 5}, "has 144 bytes, not step 24 x height 5"),
        ({"data": np.zeros(0, np.uint8)}, "has 0 bytes"),
        ({"data": np.zeros(143, np.uint8)}, "has 143 bytes"),
        ({"encoding": "rgba8"}, "less than 8 pixels of 4 bytes"),
    ],
)
def test_a_message_that_contradicts_itself_is_refused(changes, words):
    message = image(RGB, "rgb8")
    vars(message).update(changes)
    for look in (decode_image, check_image):
        with pytest.raises(StreamError) as caught:
            look(message)
        assert words in str(caught.value)


def test_a_picture_too_small_for_its_pattern_is_refused():
    with pytest.raises(StreamError, match="cannot be yuv422"):
        decode_image(image(np.zeros((3, 3, 2), np.uint8), "yuv422"))


@pytest.mark.parametrize("format", ["png", "rgb8; png compressed bgr8", ""])
def test_compressed_images_are_decoded(format):
    np.testing.assert_array_equal(decode_image(compressed(encoded(".png"), format)), RGB)


def test_pixels_that_were_compressed_as_rgb_are_not_swapped():
    data = cv2.imencode(".png", RGB)[1].tobytes()
    np.testing.assert_array_equal(decode_image(compressed(data, "rgb8; png compressed rgb8")), RGB)


def test_a_jpeg_is_nearly_what_it_was():
    smooth = cv2.resize(RGB[:2, :2], (64, 48), interpolation=cv2.INTER_LINEAR)
    decoded = decode_image(compressed(encoded(".jpg", smooth) + bytes(7)))
    assert np.abs(decoded.astype(int) - smooth).mean() < 3


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (compressed(b""), "without data"),
        (compressed(b"not an image"), "cannot be decoded"),
        (compressed(encoded(".jpg")[:-20]), "cut off"),
        (compressed(encoded(".jpg")[:30]), "cut off"),
        (compressed(encoded(".png")[:60], "png"), "cannot be decoded"),
        (compressed(encoded(".png"), "16UC1; compressedDepth png"), "depth"),
        (SimpleNamespace(data=b""), "no image message"),
    ],
)
def test_a_broken_compressed_image_is_refused(message, words):
    with pytest.raises(StreamError) as caught:
        decode_image(message)
    assert words in str(caught.value)


def test_resizing_takes_the_mean_of_what_a_pixel_covers():
    checkers = np.tile(np.array([[0, 200], [200, 0]], np.uint8)[..., None], (4, 4, 3))
    small = resize_image(checkers, (4, 4))
    assert small.shape == (4, 4, 3)
    assert (small == 100).all()


@pytest.mark.parametrize("size", [(64, 64), (48, 64), (60, 80), (63, 41)])
def test_a_picture_that_is_halved_first_comes_out_as_by_areas_alone(size):
    scene = cv2.resize(RGB, (640, 480), interpolation=cv2.INTER_CUBIC)
    areas = cv2.resize(scene, size[::-1], interpolation=cv2.INTER_AREA)
    small = resize_image(scene, size)
    assert small.shape == areas.shape
    assert np.abs(small.astype(int) - areas).mean() < 0.5


def test_an_image_of_the_right_size_is_left_alone():
    assert resize_image(RGB, (6, 8)) is RGB
