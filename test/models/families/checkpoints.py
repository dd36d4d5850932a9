"""Small checkpoints of every family by Hugging Face's transformers, with what it computes from them, for transformers.exhaustive.ts.

    pip install torch transformers && python test/models/families/checkpoints.py FOLDER
    BITTRUE_TRANSFORMERS=FOLDER npm run test:exhaustive -- test/models/families/transformers.exhaustive.ts

A folder a model: config.json, model.safetensors (binary32), and expected.json with inputs and outputs. Weights are drawn from a seed.
Models run in binary64; mixtures of experts, which PyTorch multiplies in binary32 alone, in that.
"""

import json
import pathlib
import sys

import torch
import transformers

WORDS = 97
IDS = torch.tensor([[5, 17, 3, 88, 41, 2, 60, 33, 9, 71, 12, 54]])
LLAMA = {
    "vocab_size": WORDS,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "tie_word_embeddings": False,
    "pad_token_id": 0,
}
NEOX = {
    "vocab_size": WORDS,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "max_position_embeddings": 64,
}
OPT = {
    "vocab_size": WORDS,
    "hidden_size": 32,
    "ffn_dim": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "max_position_embeddings": 64,
    "pad_token_id": 1,
}
GEMMA = {"head_dim": 16, "sliding_window": 4, "query_pre_attn_scalar": 20, "tie_word_embeddings": True}


def rope(kind, **more):
    return {"rope_parameters": {"rope_type": kind, "rope_theta": 10000.0, **more}}


# Name, class of the model, class of its config, what its config says.
DECODERS = [
    ("llama", "Llama", {**LLAMA, "attention_bias": True, "mlp_bias": True, "head_dim": 12}),
    ("llama-tied", "Llama", {**LLAMA, "tie_word_embeddings": True}),
    ("llama-linear", "Llama", {**LLAMA, **rope("linear", factor=2.0)}),
    ("llama-dynamic", "Llama", {**LLAMA, **rope("dynamic", factor=2.0)}),
    ("llama-yarn", "Llama", {**LLAMA, **rope("yarn", factor=4.0, original_max_position_embeddings=16)}),
    (
        "llama-3.1",
        "Llama",
        {
            **LLAMA,
            **rope(
                "llama3",
                factor=8.0,
                low_freq_factor=1.0,
                high_freq_factor=4.0,
                original_max_position_embeddings=32,
            ),
        },
    ),
    ("mistral", "Mistral", {**LLAMA, "sliding_window": 5}),
    ("mixtral", "Mixtral", {**LLAMA, "num_local_experts": 4, "num_experts_per_tok": 2, "sliding_window": None}),
    ("qwen2", "Qwen2", {**LLAMA, "use_sliding_window": True, "sliding_window": 4, "max_window_layers": 1}),
    ("qwen3", "Qwen3", {**LLAMA, "head_dim": 16}),
    ("phi3", "Phi3", {**LLAMA, "partial_rotary_factor": 0.5, "sliding_window": 6}),
    ("gemma", "Gemma", {**LLAMA, "head_dim": 16, "tie_word_embeddings": True}),
    ("gemma2", "Gemma2", {**LLAMA, **GEMMA, "num_hidden_layers": 4}),
    ("gemma3", "Gemma3", {**LLAMA, **GEMMA, "num_hidden_layers": 7}),
    ("olmo2", "Olmo2", LLAMA),
    (
        "granite",
        "Granite",
        {
            **LLAMA,
            "embedding_multiplier": 3.0,
            "attention_multiplier": 0.2,
            "residual_multiplier": 0.5,
            "logits_scaling": 4.0,
        },
    ),
    ("stablelm", "StableLm", {**LLAMA, "partial_rotary_factor": 0.25}),
    (
        "stablelm-parallel",
        "StableLm",
        {**LLAMA, "partial_rotary_factor": 0.5, "use_parallel_residual": True, "use_qkv_bias": True},
    ),
    ("starcoder2", "Starcoder2", {**LLAMA, "sliding_window": 5, "use_bias": True}),
    ("phi", "Phi", {**LLAMA, "partial_rotary_factor": 0.5}),
    ("cohere", "Cohere", {**LLAMA, "logit_scale": 0.25, "tie_word_embeddings": True}),
    ("gpt2", "GPT2", {"vocab_size": WORDS, "n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 64}),
    ("gpt-neox", "GPTNeoX", {**NEOX, "rotary_pct": 0.25}),
    ("gpt-neox-serial", "GPTNeoX", {**NEOX, "rotary_pct": 1.0, "use_parallel_residual": False}),
    ("opt", "OPT", {**OPT, "word_embed_proj_dim": 32}),
    ("opt-post", "OPT", {**OPT, "word_embed_proj_dim": 16, "do_layer_norm_before": False}),
]


def fill(model, zero_centred=False):
    """Weights of a middling size; those of norms about 1, or about 0 where the family adds it."""
    seeded = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            drawn = torch.randn(parameter.shape, generator=seeded)
            is_scale = name.endswith("weight") and ("norm" in name.lower() or "ln" in name)
            if parameter.dim() == 1:
                parameter.copy_((1 if is_scale and not zero_centred else 0) + 0.2 * drawn)
            else:
                parameter.copy_(0.25 * drawn)


def write(folder, inputs, outputs):
    told = {
        group: {
            name: {"shape": list(tensor.shape), "data": tensor.double().reshape(-1).tolist()}
            for name, tensor in tensors.items()
        }
        for group, tensors in {"inputs": inputs, "outputs": outputs}.items()
    }
    (folder / "expected.json").write_text(json.dumps(told))
    print(folder.name)


def decoder(root, name, family, config):
    made = getattr(transformers, "Gemma3TextConfig" if family == "Gemma3" else f"{family}Config")(**config)
    made._attn_implementation = "eager"
    kind = "LMHeadModel" if family == "GPT2" else "ForCausalLM"
    model = getattr(transformers, family + kind)(made).eval()
    fill(model, family.startswith("Gemma"))
    model.save_pretrained(root / name)
    if family != "Mixtral":
        model = model.double()
    with torch.no_grad():
        write(root / name, {"input_ids": IDS}, {"logits": model(IDS, use_cache=False).logits[0]})


def encoder(root, name, model, inputs, outputs, part=None):
    model = model.eval()
    fill(model)
    model.save_pretrained(root / name)
    model = model.double()
    fed = {key: value.double() if value.is_floating_point() else value for key, value in inputs.items()}
    with torch.no_grad():
        found = (model if part is None else getattr(model, part))(**fed)
    write(root / name, inputs, {key: getattr(found, key) for key in outputs})


def main(root):
    for name, family, config in DECODERS:
        decoder(root, name, family, config)
    text = {
        "vocab_size": WORDS,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "max_position_embeddings": 40,
    }
    image = {
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "image_size": 24,
        "patch_size": 8,
    }
    ids, pixels = {"input_ids": IDS}, {"pixel_values": torch.randn(1, 3, 24, 24)}
    encoder(root, "bert", transformers.BertModel(transformers.BertConfig(**text)), ids, ["last_hidden_state"])
    roberta = transformers.RobertaModel(transformers.RobertaConfig(**text, pad_token_id=1))
    encoder(root, "roberta", roberta, ids, ["last_hidden_state"])
    vit = transformers.ViTModel(transformers.ViTConfig(**image))
    encoder(root, "vit", vit, pixels, ["last_hidden_state", "pooler_output"])
    clip = transformers.CLIPConfig(
        text_config={**text, "eos_token_id": WORDS - 1, "bos_token_id": 5, "projection_dim": 16},
        vision_config={**image, "projection_dim": 16},
        projection_dim=16,
    )
    ended = torch.cat([IDS, torch.tensor([[WORDS - 1]])], dim=1)
    both = {"input_ids": ended, **pixels}
    encoder(root, "clip", transformers.CLIPModel(clip), both, ["text_embeds", "image_embeds", "logits_per_image"])
    whisper = transformers.WhisperConfig(
        vocab_size=WORDS,
        d_model=32,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=48,
        decoder_ffn_dim=48,
        num_mel_bins=8,
        max_source_positions=20,
        max_target_positions=16,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=1,
        suppress_tokens=None,
        begin_suppress_tokens=None,
    )
    features = {"input_features": torch.randn(1, 8, 40)}
    encoder(root, "whisper", transformers.WhisperModel(whisper), features, ["last_hidden_state"], "encoder")
    print(f"transformers {transformers.__version__}, torch {torch.__version__}")


torch.manual_seed(7)
main(pathlib.Path(sys.argv[1]))
