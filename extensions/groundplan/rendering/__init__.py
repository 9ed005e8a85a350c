"""What Copier loads by path for every render, in the order of `copier.yml`.

A module here may import the standard library, installed packages, and by its relative name a neighbour that
`copier.yml` lists above it. That neighbour was loaded just before, from the same version of the template, so an
update that renders two versions in one process never mixes them (`docs/decisions/0004-extensions-of-one-version.md`).
"""
