-- What calls with an Idempotency-Key were answered, for a day. request is the SHA-256 of the call; caller is empty for
-- the application itself. The body is sealed: participants' links may stand in it.
create table idempotency_keys (
    application_id text not null,
    caller text not null,
    key text not null,
    request text not null,
    status bigint not null,
    content_type text not null,
    headers text not null,
    body text not null,
    created_at bigint not null,
    primary key (application_id, caller, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);
