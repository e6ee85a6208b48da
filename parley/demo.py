"""A sample conversation on a running service, opened the way an application would: over HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from parley.actions import accounts as account_actions
from parley.actions import applications as application_actions
from parley.core import zones
from parley.core.account import Account
from parley.core.limits import DAY, HOUR, MINUTE
from parley.data_center import CannotStart, DataCenter
from parley.store import applications
from parley.store.applications import Application
from parley.wire.writing import time_text

APPLICATION = "Demo"
NAME, TZID = "Grace Devlin", "America/Chicago"
GUEST = "Karl Cramer"
WORKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
DAYS = 7
BUSY = ((10 * HOUR, 90 * MINUTE, "Design review"), (14 * HOUR, 60 * MINUTE, "Weekly planning"))
TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Service:
    """A running service, called with one token."""

    address: str
    token: str

    def call(self, method: str, path: str, told: dict[str, Any] | None = None) -> Any:
        """The JSON of the answer; raises CannotStart where there is none."""
        url = path if path.startswith("http") else self.address + path
        body = None if told is None else json.dumps(told).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310  (http, by the settings' rule)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as cause:
            told_back = cause.read().decode(errors="replace")
            hint = "; does it use another PARLEY_DATA_DIR?" if cause.code == 401 else ""
            raise CannotStart(f"{self.address} answered {cause.code} {told_back}{hint}") from cause
        except OSError as cause:
            raise CannotStart(
                f"no service answers at {self.address}; start one with parley serve, or name it with PARLEY_BASE_URL"
            ) from cause


def opened(dc: DataCenter, address: str) -> str:
    """Open a sample conversation on the service at this address; what to tell about it."""
    application, secret = _application(dc)
    account = _account(dc)
    _fill_calendar(Service(address, account_actions.grant(dc, account.sub, application.id).access_token), dc.now())
    service = Service(address, secret)
    conversation = service.call("POST", "/v1/scheduling_conversations", _proposal(account, dc.now()))
    guest = conversation["participants"][1]
    url = guest["possible_actions"]["slots_list"]["url"]
    path = url.removeprefix(dc.base_url)
    slots = service.call("GET", path)["slots"]
    return _told(dc.base_url, application, secret, conversation, slots[0]["slot_id"])


def _application(dc: DataCenter) -> tuple[Application, str]:
    standing = dc.db.read(applications.by_name, APPLICATION)
    if standing is None:
        made = application_actions.create(dc, APPLICATION)
        return made.application, made.client_secret
    secrets = dc.db.read(applications.secrets, standing.id, dc.now())
    if not secrets:
        return standing, application_actions.rotate_secret(dc, standing.id, 0).client_secret
    return standing, dc.unseal(secrets[0].sealed)


def _account(dc: DataCenter) -> Account:
    """A new Grace each time, so that her calendar never fills up."""
    return account_actions.create(dc, f"{dc.new_id('grace-')}@demo.example", NAME, TZID)


def _fill_calendar(service: Service, now: int) -> None:
    """Weekly hours, and the same two meetings on each of the next days."""
    hours = [{"day": day, "start_time": "09:00", "end_time": "17:00"} for day in WORKDAYS]
    rule = {"availability_rule_id": "work", "tzid": TZID, "weekly_periods": hours}
    service.call("POST", "/v1/availability_rules", rule)
    calendar = service.call("GET", "/v1/calendars")["calendars"][0]["calendar_id"]
    today = zones.local(TZID, now).date()
    for ahead in range(1, DAYS + 1):
        day = today.add(days=ahead).to_stdlib()
        midnight = zones.local_days(TZID, day, type(day).fromordinal(day.toordinal() + 1)).start
        for begin, length, summary in BUSY:
            start = midnight + begin
            event = {
                "event_id": f"demo-{day.isoformat()}-{begin // HOUR}",
                "summary": summary,
                "start": time_text(start),
                "end": time_text(start + length),
            }
            service.call("POST", f"/v1/calendars/{calendar}/events", event)


def _proposal(account: Account, now: int) -> dict[str, Any]:
    tomorrow = (now // DAY + 1) * DAY
    return {
        "participants": [
            {
                "participant_id": "@grace",
                "sub": account.sub,
                "common_name": NAME,
                "managed_availability": True,
                "slots": {"selection_method": "auto"},
            },
            {"participant_id": "@karl", "common_name": GUEST},
        ],
        "tzid": TZID,
        "subject": "Project Titan review",
        "event": {"location": {"description": "Board Room"}},
        "required_duration": {"minutes": 60},
        "available_periods": [{"start": time_text(tomorrow), "end": time_text(tomorrow + DAYS * DAY)}],
    }


def _told(base_url: str, application: Application, secret: str, conversation: dict[str, Any], slot_id: str) -> str:
    grace, karl = conversation["participants"]
    bearer = f"-H 'Authorization: Bearer {secret}'"
    read = f"{base_url}/v1/scheduling_conversations/{conversation['scheduling_conversation_id']}"
    slots = karl["possible_actions"]["slots_select"]["url"]
    chosen = json.dumps({"selected_slots": [{"slot_id": slot_id}]})
    return f"""
Parley is at {base_url} and carries a sample conversation: {NAME}, whose calendar
decides for her, has invited {GUEST}, who is asked to choose.

  application    {application.name}
  client id      {application.id}
  client secret  {secret}

  Grace's page   {grace["page_url"]}
  Karl's page    {karl["page_url"]}

Open Karl's page and choose a time, or paste these lines: read, list Karl's slots, select the first.

curl -s {bearer} '{read}'
curl -s {bearer} '{slots}'
curl -s {bearer} -H 'Content-Type: application/json' -d '{chosen}' '{slots}'
"""
