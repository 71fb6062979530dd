# SPDX-License-Identifier: Apache-2.0
"""A notebook as a script: editors show the cells that begin with "# %%", Jupyter with jupytext."""

# %% [markdown]
# # What happens on a territory

# %%
import collections
import datetime as dt
from pathlib import Path

from territoire_sante import Store
from territoire_sante.cooperation.rules import check
from territoire_sante.model import Entity, Lever, LeverOffer
from territoire_sante.serialization import read_entities

# %% The example territory, in a store in memory
DATA = Path(__file__).parents[1] / "data"
store = Store.open("memory:")
for name in ("territory.json", "cooperation.jsonl"):
    store.put(*(one for one in read_entities(DATA / name) if isinstance(one, Entity)))
snapshot = store.snapshot()

# %% Which levers are there, by family
families = collections.Counter(lever.families[0].label_fr for lever in snapshot.all(Lever))
for family, count in families.most_common():
    print(f"{family:<28}{'▇' * count} {count}")

# %% How many of them can be asked for today
today = dt.date(2026, 11, 20)
offered = {offer.lever_id for offer in snapshot.all(LeverOffer) if offer.available_on(today)}
print(f"{len(offered)} of {snapshot.count(Lever)} levers are offered")

# %% What the rules find, by severity
findings = list(check(snapshot, today=today))
by_severity = collections.Counter(finding.severity.label_en for finding in findings)
print(dict(by_severity))
store.close()
