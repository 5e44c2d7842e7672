"""Checkpoints in the layout of Hugging Face: a folder of configuration, tokenizer and tensors.

Imports torch and transformers: only the neural engines import it. Nothing is ever fetched by
transformers itself, and no code of a checkpoint is run.
"""

from __future__ import annotations

import json
import re
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import transformers

from airdub.engines import find_engine
from airdub.errors import InvalidInput
from model_images.common.checkpoints import read_checkpoint, weights_file
from model_images.common.torch_runtime import device, precision, ran_out_of_memory

_TENSORS = ("model.safetensors", "pytorch_model.bin")
_GET_IT = "get the official files: `airdub weights verify` says what is wrong, `fetch` mends it"
_SHOWN = 3
_COMPUTED = re.compile(r"\.version$|embed_positions\.(weights|_float_tensor)$")
"""Leftovers of the training code in checkpoints: models compute them."""

transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
warnings.filterwarnings("ignore", "Recommended: pip install sacremoses")  # Marian does without


def model_folder(engine: str, model: str) -> Path:
    """Where an engine's files `MODEL/...` of `engines.yaml` lie, once all of them are there.

    Raises:
        DependencyUnavailable: one isn't.
    """
    names = find_engine("translate", engine).weights
    ours = [name for name in names if name.rpartition("/")[0] == model]
    files = [weights_file("translate", engine, name) for name in ours]
    return next(file.parent for file in files if file.name == "config.json")


@cache
def load_tokenizer(folder: Path, kind: str) -> Any:
    """A tokenizer of transformers, loaded once per process.

    Args:
        kind: its class.

    Raises:
        InvalidInput: the files are torn, or another tokenizer's.
    """
    try:
        return getattr(transformers, kind).from_pretrained(folder, local_files_only=True)
    except Exception as error:  # the tokenizers' library raises nothing narrower
        raise _refusal(f"the files make no {kind}: {_brief(error)}", folder) from error


@cache
def load_model(folder: Path, kind: str) -> Any:
    """A model of transformers on this process's device, loaded once per process, ready to generate.

    Args:
        kind: its class.

    Raises:
        InvalidInput: the checkpoint is torn, or another model's.
    """
    model_class = getattr(transformers, kind)
    config = _config(folder, model_class.config_class)
    path = next((folder / name for name in _TENSORS if (folder / name).is_file()), None)
    if path is None:
        raise _refusal(f"there is neither {' nor '.join(_TENSORS)}", folder)
    tensors = read_checkpoint(path)
    if not isinstance(tensors, dict):
        raise _refusal("the file holds no tensors by name", path)
    try:
        model, report = model_class.from_pretrained(
            None,
            config=config,
            state_dict=tensors,
            dtype=precision(),
            output_loading_info=True,
            ignore_mismatched_sizes=True,
        )
    except (RuntimeError, ValueError, TypeError, AttributeError, LookupError) as error:
        if ran_out_of_memory(error):
            raise
        raise _refusal(f"the tensors make no {kind}: {_brief(error)}", path) from error
    _refuse_others(report, path)
    model.generation_config = _generation(folder, config)
    return model.to(device()).eval()


def refuse_larger(tokenizer: Any, model: Any, folder: Path) -> None:
    """Make sure that the model has an embedding for each token.

    Raises:
        InvalidInput: the tokenizer is of another model.
    """
    if len(tokenizer) > model.config.vocab_size:
        raise _refusal(
            f"the tokenizer has {len(tokenizer)} tokens, the model {model.config.vocab_size}",
            folder,
        )


def _config(folder: Path, kind: Any) -> Any:
    path = folder / "config.json"
    try:
        written = json.loads(path.read_bytes())
        found = written.get("model_type") if isinstance(written, dict) else None
        config = kind.from_dict(written) if found == kind.model_type else None
    except Exception as error:  # what the configurations check has no common base
        raise _refusal(f"not a configuration: {_brief(error)}", path) from error
    if config is None:
        raise _refusal(f"the model is a {found!r}, not a {kind.model_type!r}", path)
    return config


def _generation(folder: Path, config: Any) -> Any:
    """How the checkpoint's authors generate, as far as this isn't asked otherwise."""
    kind = transformers.GenerationConfig
    if not (folder / "generation_config.json").is_file():
        return kind.from_model_config(config)
    try:
        return kind.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, TypeError) as error:
        raise _refusal(_brief(error), folder / "generation_config.json") from error


def _refuse_others(report: dict[str, Any], path: Path) -> None:
    differences = [
        *(f"{name} is missing" for name in sorted(report["missing_keys"])),
        *(
            f"{name} has shape {tuple(found)}, not {tuple(expected)}"
            for name, found, expected in sorted(report["mismatched_keys"])
        ),
        *(
            f"{name} is not known"
            for name in sorted(report["unexpected_keys"])
            if not _COMPUTED.search(name)
        ),
        *report["error_msgs"],
    ]
    if differences:
        more = len(differences) - _SHOWN
        shown = "; ".join(differences[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")
        raise _refusal(f"the checkpoint is of another model: {shown}", path)


def _refusal(what: str, where: Path) -> InvalidInput:
    return InvalidInput(what, where=str(where), remedy=_GET_IT)


def _brief(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".split("\n", 1)[0][:200]
