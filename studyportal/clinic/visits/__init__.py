"""What somebody came for: asked once a visit, before anything of a participant is opened."""
