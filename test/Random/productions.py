"""Random operations on tensors. Each production makes a value of a wanted type
out of others, as text and as a step for NumPy."""

from control import Control
from elementwise import Elementwise
from faults import Faults
from maker import Maker
from movement import Movement
from shapes import Shapes
from slices import Slices
from structured import Structured


class Productions(
    Elementwise, Structured, Movement, Slices, Shapes, Control, Faults, Maker
):
    """A maker of values by all of them."""

    def __init__(self, rng, shared, expressions, elements):
        super().__init__(rng, shared, expressions, elements, PRODUCTIONS)


PRODUCTIONS = [
    (3, Productions.binary),
    (2, Productions.unary),
    (2, Productions.compare),
    (1, Productions.select),
    (1.5, Productions.cast),
    (3, Productions.generic),
    (2, Productions.reduction),
    (1.5, Productions.contraction),
    (0.6, Productions.transpose),
    (0.6, Productions.broadcast),
    (0.6, Productions.gather),
    (1, Productions.extract_slice),
    (1, Productions.insert_slice),
    (0.8, Productions.insert),
    (0.8, Productions.extract),
    (0.4, Productions.from_elements),
    (0.4, Productions.pad),
    (0.5, Productions.reshape),
    (0.3, Productions.round_trip),
    (0.3, Productions.concat),
    (0.3, Productions.generate),
    (1, Productions.conditional),
    (0.5, Productions.switch),
    (1, Productions.loop),
    (1, Productions.evaluate),
]
