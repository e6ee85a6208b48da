-- Conversation services: assistants that answer for an account, or for the addresses of a domain once that is proven.
-- Secrets are sealed; the one before the last signs as well until previous_until.
create table conversation_services (
    id text not null primary key,
    application_id text not null references applications (id),
    account_key bigint references accounts (key),
    domain text,
    proof_token text,
    proven_at bigint,
    checked_at bigint,
    failure text not null,
    callback_url text not null,
    secret text not null,
    previous_secret text,
    previous_until bigint not null,
    created_at bigint not null,
    limits text not null,
    disabled_at bigint
);
create index conversation_services_by_owner on conversation_services (application_id, account_key, created_at);
create index conversation_services_by_account on conversation_services (account_key, created_at);
create index conversation_services_by_domain on conversation_services (domain, created_at);
