import numpy as np
import pytest
import torch

from jepa_ros.memory import Memory, MemoryError_


def fill(memory, sight):
    nodes = [memory.remember(sight(2.0 * place, place, pose=(place, 1.0, 0.0))) for place in range(40)]
    for start, end in zip(nodes, nodes[1:]):
        memory.connect(start, end, 1.0)
    return nodes


def test_everything_survives_a_restart(tmp_path, room, sight):
    memory = Memory.open(tmp_path / "new" / "folder", room)
    nodes = fill(memory, sight)
    picture = np.zeros((8, 8, 3), np.uint8)
    pictured = memory.remember(sight(-9.0, thumbnail=picture))
    memory.strike_out(nodes[3], nodes[4])
    memory.close()
    again = Memory.open(tmp_path / "new" / "folder", room)
    assert torch.equal(again.latents, memory.latents)
    for name in ("states", "poses", "stamps", "visits"):
        np.testing.assert_array_equal(getattr(again, name), getattr(memory, name))
    assert again.remember(sight(2.0)) == nodes[1]
    assert again.route(nodes[0], nodes[3]).nodes == nodes[:4]
    assert again.route(nodes[0], nodes[4]) is None
    np.testing.assert_array_equal(again.thumbnail(pictured), picture)
    again.close()


def test_what_is_only_predicted_and_what_was_tried_in_vain_survive_as_that(tmp_path, room, sight):
    with Memory.open(tmp_path, room) as memory:
        nodes = fill(memory, sight)
        for end in nodes[5:7]:
            memory.expect(nodes[0], end, 1.0)
        memory.strike_out(nodes[0], nodes[6])
    with Memory.open(tmp_path, room) as again:
        again.expect(nodes[0], nodes[6], 1.0)
        assert again.predicted.tolist() == [[nodes[0], nodes[5]]]
        assert again.struck_out.tolist() == [[nodes[0], nodes[6]]]


def test_a_memory_apart_leaves_nothing_behind(tmp_path, monkeypatch, room, sight):
    monkeypatch.chdir(tmp_path)
    memory = Memory.apart(room)
    fill(memory, sight)
    memory.flush()
    memory.close()
    assert not list(tmp_path.iterdir())


def test_a_memory_of_another_model_is_refused_by_name(tmp_path, model, room, sight):
    memory = Memory.open(tmp_path, room)
    fill(memory, sight)
    memory.close()
    with pytest.raises(MemoryError_, match=f"its model is {room.name}, not {model.name}; move it away"):
        Memory.open(tmp_path, model)
    with Memory.open(tmp_path, room) as again:
        assert len(again) == 40


def test_two_processes_never_write_one_memory(tmp_path, room, sight):
    memory = Memory.open(tmp_path, room)
    with pytest.raises(MemoryError_, match="in use by another process"):
        Memory.open(tmp_path, room)
    memory.close()
    Memory.open(tmp_path, room).close()


def test_a_file_that_is_something_else_is_refused(tmp_path, room):
    (tmp_path / "memory.sqlite").write_bytes(b"no database at all, but long enough to be read as one" * 100)
    with pytest.raises(MemoryError_, match="move it away"):
        Memory.open(tmp_path, room)


@pytest.mark.parametrize("seed", range(20))
def test_damage_is_noticed_or_does_no_harm(tmp_path, room, sight, seed):
    memory = Memory.open(tmp_path, room)
    fill(memory, sight)
    memory.close()
    path, random = tmp_path / "memory.sqlite", np.random.default_rng(seed)
    content = bytearray(path.read_bytes())
    begin = int(random.integers(0, len(content) - 64))
    content[begin : begin + 64] = random.bytes(64)
    path.write_bytes(content if seed % 2 else content[: begin + 1])
    again = memory_or_refusal(tmp_path, room)
    assert "move it away" in again if isinstance(again, str) else torch.equal(again.latents, memory.latents)


def memory_or_refusal(folder, model):
    try:
        return Memory.open(folder, model)
    except MemoryError_ as error:
        return str(error)


def test_a_neighbour_index_that_is_damaged_or_gone_is_made_anew(tmp_path, room, sight):
    for damage in (lambda path: path.write_bytes(path.read_bytes()[:-9]), lambda path: path.unlink()):
        with Memory.open(tmp_path, room) as memory:
            fill(memory, sight)
        damage(tmp_path / "neighbours.usearch")
        with Memory.open(tmp_path, room) as again:
            assert again.locate(sight(4.2).latent)[0].node == 2
