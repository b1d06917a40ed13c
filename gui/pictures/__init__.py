"""Pictures of plots: how they are asked for, drawn on devices, filmed, and given the set-up of their run to carry."""
