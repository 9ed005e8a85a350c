"""Plans that exist already: what they say as a brief, and the rest where it belongs in the plan."""
