-- Where an application wants to be told of changes in one account's calendars and conversations.
create table channels (
    id text not null primary key,
    application_id text not null,
    account_key bigint not null,
    document text not null,
    created_at bigint not null
);
create index channels_by_account on channels (account_key, application_id, created_at, id);

-- What is, or was, sent to an application: to which target (a channel, or an invitation), where, and exactly which bytes.
-- attempts is what became of it; while it is still to be sent, the outbox has a message push:ID.
create table deliveries (
    id text not null primary key,
    application_id text not null,
    target text not null,
    type text not null,
    url text not null,
    body text not null,
    attempts text not null,
    created_at bigint not null
);
create index deliveries_by_target on deliveries (target, created_at, id);
