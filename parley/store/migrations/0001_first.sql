-- Instants are whole seconds of UTC since 1970. Documents are JSON. Keys of accounts and events are random 62-bit numbers.

create table applications (
    id text not null primary key,
    name text not null,
    redirect_uris text not null,
    limits text not null,
    created_at bigint not null
);

-- A secret is kept twice: its SHA-256 recognises it, the sealed text signs with it.
create table application_secrets (
    digest text not null primary key,
    application_id text not null references applications (id),
    sealed text not null,
    created_at bigint not null,
    expires_at bigint
);
create index application_secrets_by_application on application_secrets (application_id, created_at);

create table accounts (
    key bigint not null primary key,
    sub text not null unique,
    email text,
    name text,
    tzid text not null,
    profile_id text not null unique,
    created_at bigint not null,
    application_id text references applications (id),
    application_calendar_id text,
    unique (application_id, application_calendar_id)
);
create unique index accounts_by_email on accounts (lower(email));

create table calendars (
    id text not null primary key,
    account_key bigint not null references accounts (key),
    name text not null,
    is_primary smallint not null,
    created_at bigint not null
);
create index calendars_by_account on calendars (account_key);

-- One application may act for one account, from grant to revocation; a refresh token is one authorization.
create table authorizations (
    key bigint not null primary key,
    application_id text not null references applications (id),
    account_key bigint not null references accounts (key),
    refresh_digest text not null unique,
    scope text not null,
    created_at bigint not null,
    revoked_at bigint
);
create index authorizations_by_account on authorizations (application_id, account_key) where revoked_at is null;

create table access_tokens (
    digest text not null primary key,
    authorization_key bigint not null references authorizations (key),
    expires_at bigint not null
);
create index access_tokens_by_authorization on access_tokens (authorization_key, expires_at);

-- The document is the conversation; is_open repeats one fact of it so that open ones can be found.
create table conversations (
    id text not null primary key,
    application_id text not null,
    created_at bigint not null,
    version bigint not null,
    is_open smallint not null,
    document text not null
);
create index conversations_by_application on conversations (application_id, created_at, id);

-- The creating account and the accounts that take part.
create table conversation_accounts (
    account_key bigint not null,
    conversation_id text not null,
    application_id text not null,
    created_at bigint not null,
    takes_part smallint not null,
    is_open smallint not null,
    primary key (account_key, conversation_id)
);
create index conversation_accounts_by_time on conversation_accounts (account_key, application_id, created_at, conversation_id);
create index conversation_accounts_open on conversation_accounts (account_key) where is_open = 1 and takes_part = 1;
create index conversation_accounts_by_conversation on conversation_accounts (conversation_id);

create table history (
    conversation_id text not null,
    number bigint not null,
    at bigint not null,
    type text not null,
    position bigint,
    channel text not null,
    starts text not null,
    primary key (conversation_id, number)
);

-- Time taken in an account by an agreed conversation, until its event is moved, freed or deleted.
create table bookings (
    account_key bigint not null,
    conversation_id text not null,
    starts_at bigint not null,
    ends_at bigint not null,
    released_at bigint,
    primary key (account_key, conversation_id)
);
create index bookings_standing on bookings (account_key, ends_at, starts_at) where released_at is null;

create table events (
    key bigint not null primary key,
    account_key bigint not null,
    calendar_id text not null references calendars (id),
    application_id text not null,
    event_id text not null,
    uid text not null,
    starts_at bigint not null,
    ends_at bigint not null,
    blocks smallint not null,
    document text not null,
    created_at bigint not null,
    updated_at bigint not null,
    unique (calendar_id, application_id, event_id)
);
create index events_by_time on events (account_key, ends_at, starts_at, blocks, calendar_id);

create table availability_rules (
    application_id text not null,
    account_key bigint not null,
    id text not null,
    document text not null,
    primary key (application_id, account_key, id)
);

create table available_periods (
    application_id text not null,
    account_key bigint not null,
    id text not null,
    starts_at bigint not null,
    ends_at bigint not null,
    primary key (application_id, account_key, id)
);
create index available_periods_by_time on available_periods (application_id, account_key, ends_at, starts_at);

-- What is still to be done outside the transaction that decided it; the name says what it is about.
create table outbox (
    name text not null primary key,
    kind text not null,
    document text not null,
    due_at bigint not null,
    attempts bigint not null,
    fence bigint not null,
    leased_until bigint not null
);
create index outbox_due on outbox (due_at);
