-- Two standing bookings of one account never overlap. Built from integers, so that no extension is needed.
alter table bookings add constraint bookings_apart exclude using gist (
    int8range(account_key, account_key, '[]') with &&,
    int8range(starts_at, ends_at) with &&
) where (released_at is null);
