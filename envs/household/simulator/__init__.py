"""The bundled household: a stand-in for AI2-THOR's Unity program, with state and pictures.

It keeps THOR's names, metadata, error texts and wire protocol. It is not THOR: rooms are boxes
built from what ALFRED's dataset tells, and its scores are not ALFRED's.
"""
