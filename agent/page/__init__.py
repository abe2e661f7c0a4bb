"""A trace as one self-contained HTML page: `export_page(folder, "run.html")`.

Knows traces, and no world, no policy and no loop.
"""

from qvl_agent.agent.page.document import export_page

__all__ = ["export_page"]
