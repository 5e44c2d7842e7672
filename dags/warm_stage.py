"""Make results of one stage for many titles that wait, in one process that loads the model once.

A stage whose model takes long to load (transcribe, synthesize, convert_voice) loads it once for
each title. After an upgrade of its engine a library pays for that thousands of times. A run of this
DAG makes the results of up to `most` titles in one process, or one pod; the titles' own runs then
find them in the store. It starts no dub and takes nothing from the queue.

* `choose` looks at what waits in the queue, in its order, and takes what is ready: all that the
  stage reads is in the store, and its own result isn't and nobody is making it. Rights windows and
  consents hold as they do for a dub. Its log says how many others there are, and what they wait
  for.
* `warm` makes what was chosen, one request after the other. One that fails costs no other one.

**New titles** wait for the stages before: start a run for each of those first, from `probe` on.
Sound that was swept is made again in the same way. Requests of another engine than the first one's
are left to another run. Several runs may work at once: what one is making, the others leave.

**When a task fails**, clear it: what was made stays, and the next try makes the rest. The log of
`warm` tells of each request that failed; its title's own run will fail in the same way.
"""

from __future__ import annotations

from airflow.sdk import Param, dag

from airdub.engines import load_engines
from airdub.errors import TOTAL_RETRIES
from airdub.stages import STAGES
from dags.dub_video_groups.pipeline import stage_wiring
from operators.stage_task import warm_task
from operators.warm_choice import ChooseRequestsOperator
from operators.wiring import task_defaults

PARAMS = {
    "stage": Param(
        "transcribe",
        type="string",
        enum=list(STAGES),
        title="Stage",
        description="Stage whose results are made.",
    ),
    "most": Param(
        32,
        type="integer",
        minimum=1,
        maximum=200,
        title="Requests",
        description="Requests of a run at most.",
    ),
    "engine": Param(
        None,
        type=["null", "string"],
        enum=[None, *sorted({name for _, name in load_engines()})],
        title="Engine",
        description="Engine of the stage. Empty: that of the first request that is ready.",
    ),
}


@dag(
    dag_id="warm_stage",
    schedule=None,
    catchup=False,
    max_active_runs=8,
    is_paused_upon_creation=False,
    params=PARAMS,
    tags=["airdub", "library"],
    doc_md=__doc__,
    default_args={"owner": "airdub", "retries": TOTAL_RETRIES},
)
def warm_stage() -> None:
    """Choose, then make; see the module's text."""
    warm_task(
        ChooseRequestsOperator(task_id="choose", wiring=stage_wiring(), **task_defaults()),
    )


warm_stage()
