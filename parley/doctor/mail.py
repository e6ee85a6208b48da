"""Whether mail gets out, and whether others will believe that it is ours (SPF, DKIM, DMARC)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dns.exception
import dns.resolver

from parley.channels import mail
from parley.channels.mail import Outcome, Patience, Result
from parley.doctor.finding import Finding, hint, well, wrong
from parley.settings import Settings

SERVER_PATIENCE = Patience(step=5.0, total=10.0)
DNS_SECONDS = 3.0  # for each question
# Under which names keys are usually kept; which one a server signs with stands in its mail alone (RFC 6376 3.1).
SELECTORS = ("default", "dkim", "mail", "s1", "s2", "selector1", "selector2", "google", "k1", "fm1", "pm", "parley")


class CannotTell(Exception):  # noqa: N818
    """The domain name system does not answer."""


def examined(settings: Settings, resolver: dns.resolver.Resolver | None = None) -> Iterator[Finding]:
    """What the checks about mail find; they ask the mail server, and the domain name system about the sender."""
    yield switched_on(settings)
    if settings.smtp_url is None or settings.mail_from is None:
        return
    domain = settings.sender.domain
    outcome = mail.greet(settings.smtp_url, f"{settings.sender.username}@{domain}", SERVER_PATIENCE)
    yield server(settings.smtp_url, outcome)
    try:
        names = Names(resolver)
        if settings.receives_mail:
            yield answers(domain, names.mail_servers(domain))
        yield spf(domain, names.texts(domain))
        yield dkim(domain, names)
        yield dmarc(domain, names)
    except CannotTell:
        found = f"cannot tell what others see of {domain}: the domain name system does not answer"
        yield hint("mail-domain", found, "run this where names of the internet can be looked up")


def switched_on(settings: Settings) -> Finding:
    """What is set belongs together."""
    if settings.smtp_url is None and settings.mail_from is None:
        if settings.receives_mail:
            todo = "set PARLEY_SMTP_URL and PARLEY_MAIL_FROM too, or take the settings of incoming mail away"
            return wrong("mail", "answers are read, and nobody is written to", todo)
        return well("mail", "off: nobody is written to")
    for name, value in (("PARLEY_SMTP_URL", settings.smtp_url), ("PARLEY_MAIL_FROM", settings.mail_from)):
        if value is None:
            return wrong("mail", f"{name} is not set, so nobody is written to", f"set {name}")
    if settings.imap_url is not None and settings.mail_authserv_id is None:
        found = "answers are read, and none can be trusted to select: PARLEY_MAIL_AUTHSERV_ID is not set"
        return hint("mail", found, "set it to the name under which your border server writes Authentication-Results")
    return well("mail", "on, and answers are read" if settings.receives_mail else "on; answers are not read")


def server(url: str, outcome: Outcome) -> Finding:
    """The mail server answers, encrypts and knows us."""
    told = mail.read(url)
    where = f"{told.host}:{told.port}"
    if outcome.result is not Result.TAKEN:
        todo = "correct PARLEY_SMTP_URL, or look after that server; parley mail test shows all that is said"
        return wrong("mail-server", f"{where}: {outcome.answer}", todo)
    is_encrypted = told.is_tls or any(line.lower() == "> starttls" for line in outcome.transcript)
    if not is_encrypted and not told.is_here:
        todo = "let the server offer STARTTLS, and insist on it with smtp+starttls://"
        return hint("mail-server", f"{where} answers, and mail goes there without encryption", todo)
    return well("mail-server", f"{where} answers{', encrypted' if is_encrypted else ''}")


def answers(domain: str, servers: list[str]) -> Finding:
    """Somebody takes mail for the sender's domain, so that answers arrive."""
    if servers in ([], ["."]):
        found = f"no server takes mail for {domain}, so answers are lost"
        return wrong("mail-answers", found, "give the domain an MX record, or send from another domain")
    return well("mail-answers", f"answers to {domain} go to {', '.join(servers)}")


def spf(domain: str, texts: list[str]) -> Finding:
    """The domain says which servers send for it (RFC 7208); it is that of envelope and From, so they are aligned."""
    records = [one for one in texts if one.lower().split(" ")[0] == "v=spf1"]
    if not records:
        todo = f'add a TXT record to {domain}: "v=spf1 include:THE-PROVIDER -all", as your mail provider tells it'
        return hint("mail-spf", f"{domain} does not say which servers send for it", todo)
    if len(records) > 1:
        return wrong("mail-spf", f"{domain} has {len(records)} SPF records, so none counts", "leave one of them")
    if records[0].lower().split()[-1] in ("+all", "all"):
        return hint("mail-spf", f"{domain} lets every server send for it", "end its SPF record with -all or ~all")
    found = f"{domain}: {records[0]}; envelope and From are both of {domain}, so it aligns"
    return well("mail-spf", found)


def dkim(domain: str, names: Names) -> Finding:
    """The domain publishes keys with which its mail is signed (RFC 6376), as far as that can be seen."""
    found = [one for one in SELECTORS if any("p=" in text for text in names.texts(f"{one}._domainkey.{domain}"))]
    if found:
        return well("mail-dkim", f"{domain} has keys of the selectors {', '.join(found)}; d={domain} aligns")
    if names.is_there(f"_domainkey.{domain}"):
        return well("mail-dkim", f"{domain} has keys; of which selectors cannot be asked")
    todo = f"let your mail provider sign with d={domain}, and publish its key as it tells you"
    return hint("mail-dkim", f"{domain} has no key under a usual selector, so its mail is probably not signed", todo)


def dmarc(domain: str, names: Names) -> Finding:
    """The domain, or one above it, says what to make of mail that is not aligned (RFC 7489)."""
    labels = domain.split(".")
    for at in range(max(1, len(labels) - 1)):
        above = ".".join(labels[at:])
        records = [one for one in names.texts(f"_dmarc.{above}") if one.lower().startswith("v=dmarc1")]
        if len(records) == 1:
            return well("mail-dmarc", f"{above}: {records[0]}")
        if records:
            return wrong(
                "mail-dmarc", f"_dmarc.{above} has {len(records)} records, so none counts", "leave one of them"
            )
    todo = f'add a TXT record to _dmarc.{domain}: "v=DMARC1; p=none; rua=mailto:YOU@{domain}", then look at the reports'
    return hint("mail-dmarc", f"{domain} has no DMARC record; large receivers ask for one", todo)


class Names:
    """Asks the domain name system; raises CannotTell where it does not answer."""

    def __init__(self, resolver: dns.resolver.Resolver | None) -> None:
        try:
            self.resolver = resolver or dns.resolver.Resolver()
        except dns.exception.DNSException as cause:
            raise CannotTell from cause

    def texts(self, name: str) -> list[str]:
        """The TXT records of the name, each in one piece."""
        found = self._ask(name, "TXT")
        return [b"".join(one.strings).decode(errors="replace") for one in found or ()]

    def mail_servers(self, domain: str) -> list[str]:
        """Which servers take its mail, the first choice first; the domain itself where it names none (RFC 5321 5.1)."""
        found = sorted(self._ask(domain, "MX") or (), key=lambda one: one.preference)
        if found:
            return [str(one.exchange).rstrip(".") or "." for one in found]
        return [domain] if self._ask(domain, "A") or self._ask(domain, "AAAA") else []

    def is_there(self, name: str) -> bool:
        """Whether there is anything at the name or below it (RFC 8020)."""
        return self._ask(name, "TXT") is not None

    def _ask(self, name: str, kind: str) -> list[Any] | None:
        """The records; none where the name has none of this kind, None where nobody has such a name."""
        try:
            return list(self.resolver.resolve(name, kind, lifetime=DNS_SECONDS, search=False))
        except dns.resolver.NoAnswer:
            return []
        except dns.resolver.NXDOMAIN:
            return None
        except (dns.exception.DNSException, OSError) as cause:
            raise CannotTell from cause
