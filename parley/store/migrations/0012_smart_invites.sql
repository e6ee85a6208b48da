-- Invitations of applications: the key stands in the address that answers come to, and in the iCalendar UID.
create table smart_invites (
    key text not null primary key,
    application_id text not null references applications (id),
    smart_invite_id text not null,
    document text not null
);
create unique index smart_invites_by_id on smart_invites (application_id, smart_invite_id);

-- Whom they invite, to which event, and how each of them answers; addresses in lower case.
create table smart_invite_recipients (
    invite_key text not null references smart_invites (key),
    position bigint not null,
    email text not null,
    replied bigint not null,
    document text not null,
    primary key (invite_key, position)
);
create unique index smart_invite_recipients_by_email on smart_invite_recipients (invite_key, email);
