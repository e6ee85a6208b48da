-- Whether somebody must act, beside whether it is open: two facts of the document, so that conversations can be counted
-- by them. Those that are there already count as asking while they are open, until they are next saved.
alter table conversations add column asks smallint not null default 1;
create index conversations_by_status on conversations (is_open, asks);
