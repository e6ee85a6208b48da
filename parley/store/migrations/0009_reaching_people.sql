-- What a mail server or a participant's calendar said: a refusal's code, an answer to an invitation.
alter table history add column detail text;

-- Mail about conversations, by what it is about: in which message which slots stood, numbered from 1 in this order.
-- message_id is the part before the @; a letter is written once and sent until a server takes it or refuses it.
create table letters (
    message_id text not null primary key,
    conversation_id text not null,
    position bigint not null,
    kind text not null,
    document text not null,
    created_at bigint not null
);
create index letters_by_participant on letters (conversation_id, position, created_at);

-- Mail that came in and was acted upon: the SHA-256 of its Message-ID, so that a second copy does nothing.
create table received_mail (
    digest text not null primary key,
    received_at bigint not null
);
create index received_mail_by_age on received_mail (received_at);
