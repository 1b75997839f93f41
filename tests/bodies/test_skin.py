import numpy as np
import pytest
import trimesh

from embody.bodies.worm.geometry import WormGeometry, centreline
from embody.bodies.worm.skin import WormSkin
from embody.errors import EmbodyError

STRAIGHT = np.zeros(24)
CRAWLING = 0.32 * np.cos(2 * np.pi * np.arange(24) / 16)
COILED = np.full(24, -0.2)


@pytest.mark.parametrize("posture", [STRAIGHT, CRAWLING, COILED])
def test_skin_is_closed_faces_outwards_and_holds_the_volume_of_the_body(posture):
    mesh = WormSkin().mesh(centreline(posture, 0.04))
    place = np.linspace(0, 1, 2001)
    volume = np.pi * np.mean(WormGeometry().radius_mm(place) ** 2)
    assert mesh.is_watertight and mesh.is_winding_consistent
    assert mesh.volume == pytest.approx(volume, rel=0.03)


@pytest.mark.parametrize("posture", [STRAIGHT, CRAWLING, COILED])
def test_normals_are_those_of_the_faces(posture):
    skin = WormSkin(rings=200, sides=32)
    vertices, normals = skin.surface(centreline(posture, 0.04))
    faceted = trimesh.Trimesh(vertices, skin.faces, process=False).vertex_normals
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0)
    assert np.percentile(np.sum(normals * faceted, axis=1), 5) > 0.999
    assert np.sum(normals * faceted, axis=1).min() > 0.95


def test_skin_follows_the_centreline_and_is_thickest_in_the_middle():
    skin = WormSkin()
    nodes = centreline(CRAWLING, 0.04)
    vertices, _ = skin.surface(nodes)
    nearest = np.linalg.norm(vertices[:, None, :2] - nodes, axis=2).min(axis=1)
    assert nearest.max() < 0.05
    assert np.abs(vertices[:, 2]).max() == pytest.approx(0.04, rel=1e-2)
    assert np.linalg.norm(vertices[0, :2] - nodes[0]) < 0.006


def test_dorsal_vertices_lie_on_the_left():
    skin = WormSkin()
    vertices, _ = skin.surface(centreline(STRAIGHT, 0.04))
    assert np.all(vertices[skin.dorsal > 0.5, 1] > 0)
    assert np.all(np.diff(skin.fraction) >= 0)


def test_wrong_shapes_are_refused():
    with pytest.raises(EmbodyError, match=r"\(26, 2\)"):
        WormSkin().surface(np.zeros((25, 2)))
    with pytest.raises(EmbodyError, match="at least 2 rings"):
        WormSkin(rings=1)
