import threading

import numpy as np
import pytest

from jepa_ros.contract import Aligner, Contract, StreamError
from jepa_ros.contract.stream import MAX_SAMPLES

MS = 1_000_000
SECOND = 1000 * MS
IMAGE, STATE, ACTION = "observation.images.top", "observation.state", "action"


def picture(value):
    return np.full((64, 64, 3), value, np.uint8)


@pytest.fixture
def aligner(arm):
    return Aligner(arm)


def push(aligner, at, value=0.0):
    """An image and a state of the same moment."""
    aligner.push(IMAGE, picture(int(value)), at, at)
    aligner.push(STATE, np.array([value, -value]), at, at)


def numbers(strategy, tolerance=""):
    """A contract of one stream, on the receive timeline, and one command."""
    return Contract.parse(f"""
robot_type: test
robot_interface: ros2
fps: 10
observations:
  state:
    channel: {{topic: load, type: std_msgs/msg/Float64}}
    align: {{strategy: {strategy}, timeline: receive{tolerance}}}
actions:
  action:
    channel: {{topic: command, type: std_msgs/msg/Float64}}
    align: {{strategy: {strategy}, timeline: receive{tolerance}}}
""")


def test_an_observation_holds_images_by_key_and_one_state_vector(aligner):
    push(aligner, SECOND, 3.0)
    observation = aligner.sample(SECOND)
    assert observation.stamp_ns == SECOND
    assert observation.images[IMAGE].shape == (64, 64, 3)
    assert observation.state.dtype == np.float32
    np.testing.assert_array_equal(observation.state, [3, -3])


def test_images_are_stored_at_the_contracts_size(aligner):
    aligner.push(STATE, np.zeros(2), SECOND, SECOND)
    aligner.push(IMAGE, np.full((480, 640, 3), 7, np.uint8), SECOND, SECOND)
    np.testing.assert_array_equal(aligner.sample(SECOND).images[IMAGE], picture(7))


def test_the_newest_sample_that_is_not_from_the_future_counts(aligner):
    for step in range(5):
        push(aligner, SECOND + 40 * step * MS, step)
    assert aligner.sample(SECOND + 100 * MS).state[0] == 2
    assert aligner.sample(SECOND + 120 * MS).state[0] == 3


def test_a_tick_before_everything_is_a_gap(aligner):
    push(aligner, SECOND)
    assert aligner.sample(SECOND - 1) is None
    assert "after the tick" in aligner.missing(SECOND - 100 * MS)


def test_asof_takes_nothing_older_than_its_tolerance(aligner):
    push(aligner, SECOND)
    assert aligner.sample(SECOND + 150 * MS) is not None
    assert aligner.sample(SECOND + 150 * MS + 1) is None
    assert aligner.missing(SECOND + 200 * MS) == "camera/image_raw: newest sample is 200 ms old, 150 ms allowed"


def test_one_stream_without_a_sample_makes_a_gap(aligner):
    aligner.push(IMAGE, picture(0), SECOND, SECOND)
    assert aligner.sample(SECOND) is None
    assert aligner.missing(SECOND) == "joint_states: nothing received"
    aligner.push(STATE, np.zeros(2), SECOND, SECOND)
    assert aligner.missing(SECOND) is None


def test_hold_takes_the_newest_however_old():
    aligner = Aligner(numbers("hold"))
    aligner.push("state", np.ones(1), SECOND)
    assert aligner.sample(3600 * SECOND).state[0] == 1


def test_drop_takes_what_came_within_the_last_period():
    aligner = Aligner(numbers("drop"))
    aligner.push("state", np.ones(1), SECOND)
    assert aligner.sample(SECOND + 100 * MS - 1) is not None
    assert aligner.sample(SECOND + 100 * MS) is None


def test_the_timeline_decides_which_stamp_counts(aligner):
    aligner.push(STATE, np.zeros(2), 9 * SECOND, SECOND)
    aligner.push(IMAGE, picture(0), 9 * SECOND, SECOND)
    assert aligner.sample(SECOND) is not None
    assert aligner.sample(9 * SECOND) is None


@pytest.mark.parametrize("stamp", [None, 0])
def test_a_message_without_a_stamp_is_refused_where_stamps_count(aligner, stamp):
    with pytest.raises(StreamError, match="joint_states: message without a stamp"):
        aligner.push(STATE, np.zeros(2), SECOND, stamp)


def test_a_sample_of_the_same_moment_replaces_the_one_before(aligner):
    push(aligner, SECOND, 1)
    push(aligner, SECOND, 2)
    assert aligner.sample(SECOND).state[0] == 2
    assert aligner.counters.repeated == 2


def test_a_late_sample_is_dropped(aligner):
    push(aligner, SECOND, 1)
    push(aligner, SECOND - 10 * MS, 2)
    assert aligner.sample(SECOND).state[0] == 1
    assert aligner.counters.late == 2


def test_a_clock_that_is_set_back_clears_everything_and_goes_on(aligner):
    for step in range(10):
        push(aligner, 100 * SECOND + step * 40 * MS, step)
    aligner.push(STATE, np.array([7.0, 7.0]), SECOND, SECOND)
    assert aligner.counters.resets == 1
    assert aligner.sample(100 * SECOND + 360 * MS) is None
    aligner.push(IMAGE, picture(1), SECOND, SECOND)
    assert aligner.sample(SECOND).state[0] == 7
    assert aligner.counters.resets == 1


def test_a_stream_that_died_before_the_clock_was_set_back_does_not_come_back_to_life(aligner):
    push(aligner, 100 * SECOND)
    aligner.push(IMAGE, picture(1), 98 * SECOND, 98 * SECOND)
    aligner.push(IMAGE, picture(1), 100 * SECOND, 100 * SECOND)
    assert aligner.sample(100 * SECOND) is None


def test_buffers_stay_small_but_reach_back_two_seconds(aligner):
    for step in range(20_000):
        aligner.push(STATE, np.array([step, 0]), step * MS + 1, step * MS + 1)
    for step in range(600):
        aligner.push(IMAGE, picture(0), step * 33 * MS + 1, step * 33 * MS + 1)
    streams = aligner._streams
    assert len(streams[STATE].samples) <= MAX_SAMPLES
    assert len(streams[IMAGE].samples) <= 40
    assert streams[STATE].at(18_000 * MS + 1)[0] == 18_000


def test_a_flood_is_bounded(aligner):
    for step in range(3 * MAX_SAMPLES):
        aligner.push(STATE, np.zeros(2), step + 1, step + 1)
    assert len(aligner._streams[STATE].samples) <= MAX_SAMPLES + 1


def test_without_a_bound_a_whole_bag_can_be_asked_for(arm):
    aligner = Aligner(arm, history=None)
    for step in range(3000):
        push(aligner, SECOND + step * 33 * MS, step % 200)
    assert aligner.sample(SECOND).state[0] == 0
    assert aligner.sample(SECOND + 33 * MS).state[0] == 1


def test_the_action_is_the_time_weighted_mean_of_the_commands_in_force():
    aligner = Aligner(numbers("hold"))
    aligner.push("action", np.array([0.0]), SECOND)
    aligner.push("action", np.array([1.0]), SECOND + 75 * MS)
    action = aligner.action(SECOND, SECOND + 100 * MS)
    assert action.dtype == np.float32
    np.testing.assert_allclose(action, [0.25])
    np.testing.assert_allclose(aligner.action(SECOND + 50 * MS, SECOND + 150 * MS), [0.75])
    np.testing.assert_allclose(aligner.action(SECOND + 80 * MS, SECOND + 80 * MS), [1.0])


def test_a_velocity_that_a_path_leads_to_counts_from_the_one_before(aligner):
    for tick, value in enumerate([1.0, 1.0, 0.0]):
        aligner.push(ACTION, np.array([value, -value]), SECOND + 100 * tick * MS)
    for tick, mean in enumerate([0.5, 1.0, 0.5]):
        start = SECOND + 100 * tick * MS
        np.testing.assert_allclose(aligner.action(start, start + 100 * MS), [mean, -mean], atol=1e-6)
    np.testing.assert_allclose(aligner.action(SECOND + 50 * MS, SECOND + 150 * MS), [0.875, -0.875])
    np.testing.assert_allclose(aligner.action(SECOND + 50 * MS, SECOND + 50 * MS), [1.0, -1.0])


def test_a_path_that_nothing_follows_ends_in_a_stop(aligner):
    aligner.push(ACTION, np.array([1.0, 0.0]), SECOND)
    # Up within a period, down at 10 rad/s² in another
    np.testing.assert_allclose(aligner.action(SECOND, SECOND + 250 * MS) * 0.25, [0.1, 0.0], atol=1e-6)
    np.testing.assert_array_equal(aligner.action(SECOND + 200 * MS, SECOND + 300 * MS), [0, 0])


def test_there_is_no_action_before_the_first_command(aligner):
    aligner.push(ACTION, np.zeros(2), SECOND)
    assert aligner.action(SECOND - 1, SECOND + MS) is None


def test_a_command_is_out_of_force_after_its_tolerance(aligner):
    aligner.push(ACTION, np.zeros(2), SECOND)
    assert aligner.action(SECOND + 200 * MS, SECOND + 300 * MS) is not None
    assert aligner.action(SECOND + 250 * MS, SECOND + 301 * MS) is None
    aligner.push(ACTION, np.zeros(2), SECOND + 400 * MS)
    assert aligner.action(SECOND + 250 * MS, SECOND + 450 * MS) is None


def test_a_held_command_stays_in_force_until_the_next():
    aligner = Aligner(numbers("hold"))
    aligner.push("action", np.array([2.0]), SECOND)
    assert aligner.action(100 * SECOND, 101 * SECOND)[0] == 2.0


def test_several_streams_are_put_together_in_the_contracts_order():
    rest = "type: std_msgs/msg/Float64}, align: {strategy: hold, timeline: receive}, select: "
    contract = Contract.parse(f"""
robot_type: test
robot_interface: ros2
fps: 10
observations:
  state:
    - {{channel: {{topic: a, {rest}[a]}}
    - {{channel: {{topic: b, {rest}[b]}}
actions:
  one: {{channel: {{topic: c, {rest}[c]}}
  two: {{channel: {{topic: d, {rest}[d]}}
""")
    aligner = Aligner(contract)
    for value, key in enumerate(["state[1]", "two", "one", "state[0]"]):
        assert aligner.sample(SECOND) is None
        aligner.push(key, np.array([float(value)]), SECOND)
    np.testing.assert_array_equal(aligner.sample(SECOND).state, [3, 0])
    np.testing.assert_array_equal(aligner.action(SECOND, SECOND + 1), [2, 1])


def test_the_same_messages_give_the_same_observations_live_and_after_the_fact(arm):
    rng = np.random.default_rng(0)
    times = {key: rng.uniform(0, 3000, count) for key, count in ((IMAGE, 90), (STATE, 150))}
    events = sorted((int(SECOND + time * MS), key) for key in times for time in times[key])
    live, later, seen = Aligner(arm), Aligner(arm, history=None), []
    for count, (at, key) in enumerate(events):
        value = picture(count % 256) if key == IMAGE else np.array([count, at % 7], float)
        live.push(key, value, at, at)
        later.push(key, value, at, at)
        if key == IMAGE:
            seen.append((at, live.sample(at)))
    assert sum(observation is not None for _, observation in seen) > 50
    for at, observation in seen:
        again = later.sample(at)
        assert (again is None) == (observation is None)
        if again is not None:
            np.testing.assert_array_equal(again.state, observation.state)
            np.testing.assert_array_equal(again.images[IMAGE], observation.images[IMAGE])


def test_threads_may_feed_and_ask_at_the_same_time(aligner):
    failures = []

    def feed():
        for step in range(3000):
            push(aligner, SECOND + step * MS, step % 256)

    def ask():
        try:
            for step in range(3000):
                observation = aligner.sample(SECOND + step * MS)
                assert observation is None or observation.state[0] == -observation.state[1]
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for run in (feed, ask, ask)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
