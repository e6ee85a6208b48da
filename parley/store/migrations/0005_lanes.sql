-- Messages of one lane wait for each other and for nobody else. due_at is 0 where there is nothing to wait for.
-- account_key is whose calendar a message is about, where it is about one.
alter table outbox add column lane text not null default '';
alter table outbox add column put_at bigint not null default 0;
alter table outbox add column account_key bigint;
create index outbox_by_lane on outbox (lane, due_at, put_at);
create index outbox_by_account on outbox (account_key) where account_key is not null;

-- Messages that were given up: kept to be looked at, and to be sent again.
create table dead_letters (
    name text not null primary key,
    kind text not null,
    lane text not null,
    account_key bigint,
    document text not null,
    put_at bigint not null,
    attempts bigint not null,
    died_at bigint not null,
    reason text not null
);
