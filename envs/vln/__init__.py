"""Vision-and-language navigation: walking through a building from panorama to panorama."""
