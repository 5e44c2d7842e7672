"""What found no room at the fastest allowed rate is told, per line; the title has the worst."""

from airdub.timing import FitPlan
from model_images.evaluate.metrics import overflow
from tests.builders import seconds
from tests.unit.model_images.evaluate.dubs import finish, number, numbers
from tests.unit.model_images.evaluate.titles import Said, Title
from tests.unit.model_images.mix.sounds import speech


def test_the_worst_line_speaks_for_the_title(tmp_path):
    title = Title([Said(start_s, take=speech(seconds(1))) for start_s in (0.5, 2, 4)])
    plan = title.documents(tmp_path)["placements"]
    assert isinstance(plan, FitPlan)
    first, second, third = plan.placements
    late = second.model_copy(update={"overflow": seconds(0.7)})
    title.changes = {"placements": plan.model_copy(update={"placements": (first, late, third)})}
    measured = overflow.measure(finish(tmp_path, title))
    assert number(measured) == 0.7
    assert numbers(measured) == {"s0001": 0, "s0002": 0.7, "s0003": 0}
