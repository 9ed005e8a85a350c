"""What Copier loads by path for every render: each module is self-contained, and imports none of its neighbours."""
