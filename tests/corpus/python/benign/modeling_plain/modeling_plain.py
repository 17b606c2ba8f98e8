# coding=utf-8
"""A model with code of its own, as repositories of the hub have them."""
from typing import Optional

import torch
from torch import nn
from transformers import PretrainedConfig, PreTrainedModel


class PlainConfig(PretrainedConfig):
    model_type = "plain"

    def __init__(self, hidden_size=64, **kwargs):
        self.hidden_size = hidden_size
        super().__init__(**kwargs)


class PlainModel(PreTrainedModel):
    config_class = PlainConfig

    def __init__(self, config):
        super().__init__(config)
        self.layer = nn.Linear(config.hidden_size, config.hidden_size)
        self.post_init()

    @torch.no_grad()
    def forward(self, x: torch.Tensor, mask: Optional[torch.Tensor] = None):
        self.eval()
        return self.layer(x)
