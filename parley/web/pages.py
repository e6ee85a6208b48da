"""Stand-in until the templates are there."""

from parley.data_center import DataCenter
from parley.wire.exchange import Call, Reply


def home(dc: DataCenter, call: Call) -> Reply:
    return Reply()


static = show = choose = meeting = home
