"""R2R and REVERIE: the official submission format and the published scores."""
