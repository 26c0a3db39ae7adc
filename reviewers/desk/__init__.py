"""The desks people sit at: one module a group of commands, Rich printing, forms."""
