-- A deleted event is kept for a while, so that it can be told; it blocks nothing.
alter table events add column deleted_at bigint;

alter table calendars add column color text;

-- A code that an application exchanges once for tokens; authorization_key is what it was exchanged for.
create table codes (
    digest text not null primary key,
    application_id text not null references applications (id),
    account_key bigint not null references accounts (key),
    redirect_uri text not null,
    scope text not null,
    expires_at bigint not null,
    authorization_key bigint references authorizations (key)
);
create index codes_by_expiry on codes (expires_at);
