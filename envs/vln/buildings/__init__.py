"""Generated buildings in the Matterport layout."""
