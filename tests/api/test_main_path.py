"""A conversation from its creation to the event in the calendar."""

from tests.make import person, proposal, text


def test_the_published_example_runs_to_a_complete_conversation_with_an_event(service, application, grace):
    organizer = person("@grace", "auto", sub=grace.sub, email="", managed_availability=True)
    opened = application.client.open(proposal(organizer, {"participant_id": "@karl", "common_name": "Karl Cramer"}))
    assert [one["status"] for one in opened["participants"]] == ["waiting", "needs_action"]
    url = opened["participants"][1]["possible_actions"]["slots_list"]["url"]
    slots = application.client.get(url).json()["slots"]
    url = opened["participants"][1]["possible_actions"]["slots_select"]["url"]
    told = application.client.post(url, json={"selected_slots": slots[:1]}).json()
    service.work()
    events = grace.client.get("/v1/events", params={"tzid": "Etc/UTC", "include_managed": "true"}).json()["events"]
    assert told["status"] == "complete"
    assert [one["status"] for one in told["participants"]] == ["complete", "complete"]
    assert [(one["summary"], one["start"]) for one in events] == [("Roadmap", text("09:00"))]
