-- Shares of allowances that processes have taken for themselves. Not logged: nothing waits for the disk or for a standby,
-- and after a crash or a failover every window begins anew.
create unlogged table rate_limits (
    application_id text not null,
    seconds bigint not null,
    began bigint not null,
    used bigint not null,
    primary key (application_id, seconds, began)
);
