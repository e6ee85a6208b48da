-- Deleted events are forgotten whenever others are deleted: those that are old enough are found without reading the rest.
create index events_deleted on events (account_key, deleted_at) where deleted_at is not null;
