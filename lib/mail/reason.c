#include "mail/reason.h"

#include "base/attr.h"
#include "mail/sense.h"
#include "mail/words.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#define SAID(reason, phrases) { MAIL_REASON_##reason, phrases, sizeof(phrases) }

/*
 * How servers say why, most telling first: what is said about a mailbox, the sender, the client's address or the
 * content goes before "user unknown", which many servers write beside it.
 */
struct said {
	enum mail_reason reason;
	const char *phrases;
	size_t size;
};

/* What is said of something certain goes before "user unknown", which many servers write beside it. */
static const struct said certain[] = {
	SAID(DELIVERED, "message was successfully delivered\0was successfully delivered\0successfully delivered to\0"),
	SAID(MAILERERROR,
	  "command output:\0command died with status\0pipe to |\0x-unix;\0procmail:\0unknown mailer error\0mailer error\0"
	  "local delivery failed\0returned from pipe\0transport returned\0maildrop:\0pipe command failed\0command failed:\0"
	  "failed to start command\0cannot execute\0program failed\0signal 15\0"),
	SAID(MAILBOXFULL,
	  "mailbox full\0mailbox is full\0mailbox too full\0mailbox size limit\0mailbox exceeds allowed size\0over quota\0"
	  "overquota\0exceeded storage\0storage allocation\0quota exceed\0exceeded quota\0exceeds quota\0exceeding quota\0"
	  "exceed the quota\0exceeded his\0exceeded their\0out of storage\0mailbox limit\0disk quota\0diskquota\0"
	  "user has too many messages\0has exceeded its\0inbox is full\0mail box is full\0mailfolder is full\0"
	  "mail folder is full\0maximum mailbox size\0mailbox quota\0quota for this\0quotaexceeded\0mailboxfull\0"
	  "insufficient quota\0no space left for this user\0not enough storage space in\0quota is full\0is over its quota\0"
	  "recipient's mailbox exceeded\0mailbox has exceeded\0user is over\0account is full\0full mailbox\0"
	  "over the maximum allowed quota\0over disk quota\0too much mail data\0maildir over quota\0maildir full\0"
	  "messages in recipient's mailbox exceeded\0exceeded the local limit\0mailbox used\0mailbox over\0over limit\0"
	  "exceeds storage\0account is over\0delivery to that user suspended\0"
	  "receiving limit has been reached\0postfach ist voll\0postfach voll\0boite pleine\0bo\xc3\xaete pleine\0"
	  "\xe5\xae\xb9\xe9\x87\x8f\xe3\x82\x92\xe8\xb6\x85\0" /* over capacity, in Japanese */
	  "casella piena\0buz\xc3\xb3n lleno\0cuota excedida\0(mailbox full\0i.e. mailbox full\0kontingent\0"
	  "not accepting messages because it is full\0storage limit\0mailbox storage\0space has been used\0quota-issues\0"),
	SAID(EXCEEDLIMIT,
	  "message too large for this\0message larger than the maximum allowed for\0"
	  "message length exceeds administrative\0message size exceeds fixed maximum\0message exceeds fixed\0"
	  "exceeds size limit of the recipient\0"),
	SAID(MESGTOOBIG,
	  "message size exceeds\0longer than the maximum size\0message too large\0message is too large\0"
	  "message file too big\0message too big\0"
	  "message is too big\0message file is too big\0size limit\0exceeded message size\0max message size\0"
	  "maximum message size\0exceeds maximum\0exceeds the maximum\0message length limit\0line limit exceeded\0"
	  "larger than the current system limit\0larger than the maximum\0message size is too\0exceeds message size\0"
	  "mail size\0nachricht ist zu gro\0"),
	SAID(VIRUSDETECTED,
	  "virus detected\0virus found\0infected\0contains a virus\0contained a virus\0possible virus\0malware\0trojan\0"
	  "virus-infected\0has been found to contain a virus\0message contains virus\0your mail is infected\0worm\0"
	  "email blocked due to virus\0the message was rejected because it contains prohibited virus\0"),
	SAID(REQUIREPTR,
	  "reverse dns\0rdns\0ptr record\0ptr lookup\0pointer record\0no ptr\0without ptr\0missing ptr\0valid ptr\0"
	  "reverse lookup\0reverse hostname\0reverse-dns\0ip address has no name\0client host rejected: cannot find your\0"
	  "cannot find your hostname\0cannot find your reverse\0unresolvable relay host name\0unresolvable client\0"
	  "cannot resolve your address\0can't resolve your ip\0no reverse\0hostname for your ip\0ip name lookup failed\0"
	  "fix your dns\0fcrdns\0address to name mapping\0dns ptr\0dns reverse\0domain name of your ip\0"
	  "invalid hostname for ip\0client ip address without\0all mail servers must have a\0"
	  "does not have a ptr\0no matches to nameserver query\0host name is unknown\0[rdns\0"),
	SAID(AUTHFAILURE,
	  "dmarc\0spf check\0spf says\0 spf \0spf fail\0spf record\0spf:\0dkim\0is not authorized to send mail\0sender id\0"
	  "sender policy framework\0unauthenticated email\0unauthenticated mail\0the sender is unauthenticated\0"
	  "fails spf\0failed spf\0(spf)\0spf soft\0spf validation\0not pass authentication checks\0arc:\0fail_spf\0"
	  "spf-fail\0rejected by spf\0blocked by spf\0authentication failed, rejecting\0"
	  "not authorized to send on behalf\0spf (sender\0domain's spf\0an spf\0authentication checks failed\0"
	  "sender not authenticated\0email authentication failed\0dns txt\0spf mechanism\0"),
	SAID(BADREPUTATION,
	  "poor reputation\0bad reputation\0sender reputation\0low reputation\0ip reputation\0reputation of\0"
	  "sending ip's reputation\0"
	  "reputation score\0senderbase\0user complaints\0due to poor\0very low reputation\0reputation is\0"
	  "reputation service\0"),
	SAID(TOOMANYCONN,
	  "too many connections\0too many concurrent\0connections per\0concurrent sessions\0connection limit\0"
	  "connection rate\0concurrent connections\0"
	  "concurrent smtp connections\0connection frequency limit\0connections from your ip\0too many sessions\0"
	  "exceeded connection\0max connections\0maximum number of connections\0too many simultaneous\0frequency limited\0"
	  "too many smtp sessions\0"),
	SAID(SPEEDING,
	  "sent to too many recipients\0too many recipients received\0too many mails\0slow down\0"
	  "how many messages can be sent\0too many messages\0too many emails\0sending too fast\0rate limit\0ratelimit\0"
	  "mail sent too fast\0too fast\0throttl\0too many recipients this hour\0please try again slower\0exceeded rate\0"
	  "receiving mail at a rate\0too quickly\0messages per\0rate-limit\0rate exceeded\0too many unknown recipients\0"
	  "unusual rate\0too much mail\0sending rate\0at a rate that prevents\0message rate\0"),
	SAID(SPAMDETECTED, "blacklisted url\0blacklisted link\0url in message\0"),
	SAID(BLOCKED,
	  "blacklist\0black list\0is listed in\0listed by\0are listed in\0block list\0blocklist\0blocked using\0dnsbl\0rbl\0"
	  "spamhaus\0sorbs\0barracudacentral\0"
	  "spamcop\0surbl\0uribl\0banned sending ip\0your ip\0ip address is blocked\0ip blocked\0client host rejected\0"
	  "host rejected\0access denied. ip\0your network\0your mail server\0connection refused by\0server refused\0"
	  "sender ip\0ip is blocked\0because the server is listed\0is listed at\0not allowed to connect\0your host\0"
	  "connections from your\0connections will not be accepted\0bad helo\0helo command rejected\0"
	  "ehlo command rejected\0"
	  "my name was rejected\0invalid helo\0helo name\0bogus helo\0daily relay quota\0domain in your helo\0"
	  "connection dropped due to\0denied access because\0block for\0from ip\0dynamic ip\0dynamic/\0residential\0"
	  "dial-up\0dialup\0dynamic pool\0broadband\0is in an rbl\0access from ip\0ip-based\0blocked by the\0"
	  "not accept connections from\0unknown client\0client host\0smtp error from remote mail server after ehlo\0"
	  "smtp error from remote mail server after helo\0after initial connection: host\0(bl)\0access from your\0"
	  "mail from your server\0server ip\0client not permitted\0reject mail from your\0hosts file\0aup#\0"
	  "connected to @ but my name\0has been blocked by\0ip=\0blocked for abuse\0was blocked by\0"
	  "no access from mail server\0"),
	SAID(SPAMDETECTED,
	  "spam\0unacceptable content\0content denied\0dt:spm\0ube\0bulk email filter\0unsolicited\0junk mail\0"
	  "high probability of\0classified as\0looks like\0"
	  "message content rejected\0uce\0bulk mail\0content looks suspicious\0tagged as\0identified as bulk\0"
	  "rejected due to content\0content filter\0unwanted\0mail contents were rejected\0message filtered\0"
	  "appears to be unsolicited\0rejected by content\0blocked by content\0suspected\0rejected as bulk\0"
	  "content restriction\0spam-related\0bayesian\0fingerprint\0your email has been detected\0message blocked\0"),
	SAID(HASMOVED,
	  "has moved\0moved permanently\0has been replaced by\0no forwarding address\0new address\0address has changed\0"
	  "mailbox moved\0user has moved\0user not local; please try\0recipient has moved\0"),
	SAID(NORELAYING,
	  "relay access denied\0not relay\0not a relay\0n't relay\0relaying denied\0relay denied\0relay not permitted\0"
	  "relaying not\0unable to relay\0"
	  "not permitted to relay\0not allowed to relay\0no relaying\0insecure mail relay\0relay prohibited\0relaying is\0"
	  "relaying mail\0relaying prohibited\0as a relay\0open relay\0we do not relay\0cannot relay\0relaying to\0"
	  "relay operation rejected\0relay not allowed\0relay is\0isn't in my list of allowed rcpthosts\0rcpthosts\0"
	  "mail server requires authentication when\0not an open relay\0relaying temporarily denied\0no relay\0"
	  "that domain isn't in my list\0unauthorized relay\0not local\0authentication required for relay\0"
	  "relay restriction\0relaying-issues\0"),
	SAID(NOTCOMPLIANTRFC,
	  "not rfc 5322 compliant\0rfc 5322\0rfc 2822\0rfc5322\0rfc2822\0not compliant with rfc\0duplicate header\0"
	  "multiple from\0multiple addresses in from\0missing a valid\0bare newline\0bare lf\0bare linefeed\0"
	  "this message is not rfc\0internet message format\0"),
	SAID(NOTACCEPT,
	  "nullmx\0null mx\0no mail exchanger\0couldn't find a mail exchanger\0host/domain does not accept\0"
	  "host does not accept mail\0domain does not accept mail\0"
	  "smtp protocol returned a permanent error\0no mx or a\0mail receiving disabled\0unable to find mx\0"
	  "mx or srv record indicated no\0no mx record\0malformed or unexpected name server reply\0no smtp service\0"
	  "mx record that is a null\0"),
	SAID(SUSPEND,
	  "account has been disabled\0account is disabled\0account disabled\0account that you tried to reach is disabled\0"
	  "mailbox disabled\0mailbox is disabled\0account suspended\0account is suspended\0account has been suspended\0"
	  "user is suspended\0user suspended\0mailbox is inactive\0mailbox inactive\0account inactive\0"
	  "account is inactive\0"
	  "inactive user\0inactive account\0inactive on this\0account expired\0account has expired\0account is locked\0"
	  "account locked\0mailbox is locked\0mailbox locked\0mailbox currently suspended\0temporarily locked\0"
	  "temporary locked\0"
	  "user account is disabled\0user(s) account is\0not active\0disabled or discontinued\0account unavailable\0"
	  "account is unavailable\0deactivated\0user disabled\0recipient suspended\0recipient disabled\0disabled user\0"
	  "mailbox temporarily disabled\0email account is temporarily\0dormant\0has been inactive\0mailbox frozen\0"
	  "mailbox unavailable or access denied\0is frozen\0account is not active\0is currently disabled\0"
	  "account has been locked\0"
	  "domain has been suspended\0domain suspended\0"
	  "disabled account\0inactive-mailbox\0temporarily limited\0is not allowed to receive\0"
	  "currently not permitted to receive\0has been suspended\0"
	  "no longer active\0vdelivermail: account is locked\0boite du destinataire archivee\0sleep mode\0"
	  "user is inactive\0invalid/inactive user\0mailbox suspended\0compte bloqu\0konto gesperrt\0"),
	SAID(REJECTED,
	  "sender address rejected\0sender rejected\0sender address is not\0sender address has been\0sender domain\0"
	  "sender's address\0sender verify failed\0sender not\0unroutable sender\0unrouteable sender\0invalid sender\0"
	  "sender denied\0sender is not allowed\0sender unknown\0sender is blocked\0sender blocked\0from address\0"
	  "rejecting your mail\0sender address domain\0domain of sender\0mail from address\0@ from:\0"
	  "purported responsible address\0bad sender\0sender was rejected\0return path\0sender refused\0"
	  "sender email address\0your email address\0your email address\0sender address\0rejected because the sender\0"
	  "sender verification\0invalid-sender\0you are not allowed to post\0may not have permission to post\0"
	  "not a member of\0"
	  "not member\0only members\0permission to post\0you're not allowed\0envelope blocked\0envelope-from\0"
	  "error: content rejected from\0must be fully qualified\0the sender of\0you don't have permission\0"
	  "smtp error from remote mail server after mail from\0mail from command\0by your mail from\0"
	  "backscatter\0empty envelope\0null sender\0senders are not allowed\0not allowed to send\0"
	  "gruppe nachrichten zu posten\0google groups\0"),
};

/* What is left when neither these nor the words by themselves tell. */
static const struct said other[] = {
	SAID(HOSTUNKNOWN,
	  "host unknown\0unknown host\0domain not found\0host not found\0name or service not known\0no such domain\0"
	  "unknown domain\0unrouteable mail domain\0unroutable domain\0unrouteable domain\0domain does not exist\0"
	  "domain doesn't exist\0couldn't find any host\0bad destination host\0illegal host/domain\0recipient domain must\0"
	  "domain must exist\0domain is not reachable\0couldn't find any host by that name\0no such host\0invalid domain\0"
	  "name server: host not found\0unable to resolve host\0dns lookup failed\0dns lookup failure\0"
	  "domain non-existent\0"
	  "domain name not found\0no route to domain\0mail domain mentioned in email address is unknown\0"
	  "the domain couldn't be found\0bad domain\0domain unknown\0cannot find the domain\0"
	  "recipient's domain\0bad-domain\0non-existent hosts\0nonexistent hosts\0"
	  "was misspelled or has an invalid domain\0no matches to nameserver\0nonexistent domain\0"
	  "unknown or illegal domain\0"
	  "because the domain @ couldn't be found\0nxdomain\0unable to look up host\0domain is unknown\0host is unknown\0"
	  "domain address does not exist\0does not resolve\0no dns record\0dominio non esiste\0domain existiert nicht\0"
	  "domaine inconnu\0host or domain name not found\0misspelled domain\0bad destination system address\0"
	  "address lookup failed\0"),
	SAID(USERUNKNOWN,
	  "user unknown\0unknown user\0no such user\0no such recipient\0no such mailbox\0no such address\0"
	  "no such local user\0"
	  "no such person\0no mailbox here\0no mailbox by\0no mailbox\0mailbox not found\0mailbox not available\0"
	  "mailbox unavailable\0mailbox does not\0mailbox doesn't\0mailbox invalid\0unknown recipient\0recipient unknown\0"
	  "recipient not found\0recipientnotfound\0recipnotfound\0recipient not\0does not exist\0doesn't exist\0not exist\0"
	  "address not found\0invalid recipient\0invalid mailbox\0invalid user\0invalid address\0not a valid\0isn't valid\0"
	  "unknown address\0bad destination mailbox\0bad address\0bad recipient\0address unknown\0unknown local\0"
	  "unknown or illegal alias\0unrouteable address\0unroutable address\0unroutable user\0undeliverable address\0"
	  "no longer valid\0no longer available\0no longer in use\0not in use\0no longer with\0no longer an\0no longer works\0"
	  "no longer on\0doesn't have a\0does not have a\0does not have an\0wasn't found\0was not found\0"
	  "couldn't be found\0"
	  "could not be found\0cannot be found\0can't be found\0unable to find\0not listed in\0name is not recognized\0"
	  "not a known\0not known\0is unknown\0unknown mailbox\0user not found\0user not known\0user doesn't\0"
	  "user does not\0"
	  "no account\0account not found\0no valid recipients\0not our customer\0not on this server\0not in my\0"
	  "not in directory\0not found in\0not match any\0no matching\0recipient rejected\0rejected recipient\0"
	  "address rejected: access denied\0destinataire inconnu\0destinataire invalide\0"
	  "adresse d au moins un destinataire invalide\0adresse invalide\0utente sconosciuto\0destinatario sconosciuto\0"
	  "non esiste\0nicht gefunden\0existiert nicht\0unbekannt\0usuario desconocido\0no existe\0n'existe pas\0inconnu\0"
	  "non trouv\0user invalid\0user name of email address not valid\0addressee unknown\0email address not\0"
	  "unknown account\0"
	  "unknown virtual\0no user\0non-existent\0nonexistent\0not a user\0not a local\0account that you tried to reach\0"
	  "has been removed\0user rejected\0bad user\0has left\0left the company\0local user\0not a mailbox\0"
	  "mailbox closed\0is not a valid\0mail to the recipient is not accepted\0not one of our\0recipient is not\0"
	  "recipient does not\0this address no longer\0this address is no longer\0invalid destination\0"
	  "invalid final delivery\0nobody by that\0nobody here\0no one by that\0never heard of\0"
	  "\xe5\xad\x98\xe5\x9c\xa8\xe3\x81\x97\xe3\x81\xbe\xe3\x81\x9b\xe3\x82\x93\0" /* does not exist, in Japanese */
	  "\xe8\xa6\x8b\xe3\x81\xa4\xe3\x81\x8b\xe3\x82\x8a\xe3\x81\xbe\xe3\x81\x9b\xe3\x82\x93\0" /* is not found, in Japanese */
	  ""
	  "\xe3\x83\xaa\xe3\x82\xb9\xe3\x83\x88\xe3\x81\xab\xe3\x81\x82\xe3\x82\x8a\xe3\x81\xbe\xe3\x81\x9b\xe3\x82\x93\0" /* is not in the list */
	  "requested action not taken: mailbox\0recipient has been\0address error\0@ rejected\0registered gateway user\0"),
	SAID(POLICYVIOLATION,
	  "policy\0prohibited\0attachment\0not accepted for policy\0content presents a potential\0violat\0"
	  "security issue\0blocked because its content\0restricted\0header size\0encrypted\0forbidden\0"),
	SAID(SYSTEMFULL,
	  "system storage\0insufficient system storage\0no space left\0mail system full\0disk full\0disk is full\0"
	  "insufficient system resources\0"),
	SAID(NETWORKERROR,
	  "mail loop\0mail forwarding loop\0too many hops\0hop count exceeded\0loops back\0loop detected\0routing loop\0"
	  "connection lost\0lost connection\0no route to host\0network is unreachable\0conversation with\0"
	  "establish an smtp connection\0network error\0dns error\0mx points to\0maximum hop\0hops\0"
	  "host not reachable\0name server timeout\0try again later: dns\0"
	  "socket closed\0connection reset\0could not resolve\0"),
	SAID(EXPIRED,
	  "connection timed out\0timed out\0retry timeout\0retry time not reached\0retry time exceeded\0"
	  "delivery time expired\0"
	  "message expired\0message-expired\0for too long\0could not be delivered for\0queue too long\0"
	  "in the queue too long\0"
	  "not delivered within\0have been failing for a long time\0multiple retries\0connection refused\0"
	  "will be deleted from queue\0not responding\0retries have failed\0attempts have failed\0"
	  "did not accept our requests to connect\0could not deliver for the last\0was not delivered within\0"
	  "cannot connect\0"
	  "could not connect\0failed to connect\0unable to connect\0unable to contact\0couldn't connect\0maximum retry\0"
	  "maximum time\0not be reached\0unavailable host\0undeliverable for\0no-answer-from-host\0"
	  "delivery failed 20 attempts\0"),
	SAID(SYNTAXERROR,
	  "syntax error\0command unrecognized\0unrecognized command\0unknown command\0bad sequence\0command not\0"
	  "syntax is incorrect\0improper use\0unrecognized\0pipelining\0malformed\0protocol error\0invalid command\0"
	  "not recognized\0nested mail command\0"),
	SAID(CONTENTERROR,
	  "headers too large\0header error\0header too large\0improper mime\0unable to convert\0content error\0"
	  "body type not supported\0conversion required\0conversion not\0conversion failed\0wrong character\0"
	  "invalid content\0"
	  "corrupt message content\0invalid header\0"),
	SAID(SYSTEMERROR,
	  "system error\0internal error\0local error\0configuration error\0server error\0server configuration\0"
	  "service unavailable\0i/o error\0local problem\0local configuration\0can't create user output file\0"
	  "unable to use\0resources unavailable\0out of memory\0software error\0service refused\0service refuse\0"
	  "does not support tls\0cannot open\0unable to deliver message to\0interrupted\0read-only\0all system resources\0"
	  "duplicated message-id\0loop alert\0tls is required\0system incorrectly configured\0"),
	SAID(FILTERED,
	  "filter\0because the recipient is not accepting mail\0not accepting mail from\0only accepting mail from\0"
	  "refused by recipient\0recipient has refused\0rejected by recipient\0blocked by recipient\0"
	  "not accept messages from\0recipient's mailbox is not\0does not want\0mail preferences\0email preferences\0"
	  "mail permission\0restrictions\0due to extended inactivity\0recipient refuse\0recipient not accepting\0"
	  "user refuse\0user reject\0rejected by user\0"),
};

/* What servers also say when something else is the matter. */
static const struct said vague[] = {
	SAID(CONTENTERROR, "mime\0charset\0message header\08bit\0conversion\0message format\0"),
	SAID(SECURITYERROR,
	  "not authorized\0not authorised\0unauthorized\0authentication required\0authentication credentials\0"
	  "must issue a starttls\0encryption required\0tls required\0security\0authentication turned on\0certificate\0"
	  "authentication level\0access denied\0permission denied\0delivery not authorized\0restrict\0sasl\0"),
	SAID(BLOCKED, "blocked\0access denied\0access not allowed\0denied\0banned\0rejected\0connection\0refused\0"),
	SAID(EXPIRED,
	  "timeout\0retry\0expired\0too long\0giving up\0attempts\0not been delivered\0after several\0delayed\0deferred\0"
	  "not yet been\0temporarily unable\0still being retried\0unreachable\0has not been able\0socket error\0"
	  "not been collected\0not reachable\0"),
};

/* Which groups of three letters a text has, so that most phrases need not be searched for. */
struct grams {
	uint64_t bits[64];
};

static unsigned gram_at(const char *s)
{
	return ((unsigned char)s[0] * 131u + (unsigned char)s[1] * 31u + (unsigned char)s[2]) % 4096;
}

static void grams_of(const char *words, struct grams *ret)
{
	*ret = (struct grams){ { 0 } };
	for (; words[0] && words[1] && words[2]; words++)
		ret->bits[gram_at(words) / 64] |= UINT64_C(1) << gram_at(words) % 64;
}

static bool may_have(const struct grams *g, const char *phrase, size_t len)
{
	for (size_t i = 0; i + 3 <= len; i += 3)
		if (!(g->bits[gram_at(phrase + i) / 64] >> gram_at(phrase + i) % 64 & 1))
			return false;
	return true;
}

static bool has_any(const char *words, const struct grams *g, const struct said *said)
{
	for (const char *p = said->phrases, *end = p + said->size; p < end && *p;) {
		size_t len = strlen(p);

		if (may_have(g, p, len) && strstr(words, p))
			return true;
		p += len + 1;
	}
	return false;
}

static enum mail_reason find_phrase(const char *words, const struct grams *g, const struct said *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (has_any(words, g, &list[i]))
			return list[i].reason;
	return MAIL_REASON_UNDEFINED;
}

enum mail_reason reason_of_words(struct arena *a, const struct vocabulary *v, const char *words)
{
	enum mail_reason reason;
	struct grams g;

	grams_of(words, &g);
	reason = find_phrase(words, &g, certain, ARRAY_LEN(certain));
	if (reason == MAIL_REASON_UNDEFINED)
		reason = sense_reason(a, v, words);
	return reason != MAIL_REASON_UNDEFINED ? reason : find_phrase(words, &g, other, ARRAY_LEN(other));
}

enum mail_reason reason_of_vague_words(const char *words)
{
	struct grams g;

	grams_of(words, &g);
	return find_phrase(words, &g, vague, ARRAY_LEN(vague));
}

struct status_reason {
	const char *status; /* without the first number: ".1.1" */
	enum mail_reason reason;
};

static enum mail_reason find_status(const struct status_reason *list, size_t n, const char *status)
{
	if (*status)
		for (size_t i = 0; i < n; i++)
			if (strcmp(status + 1, list[i].status) == 0)
				return list[i].reason;
	return MAIL_REASON_UNDEFINED;
}

enum mail_reason reason_of_exact_status(const char *status)
{
	static const struct status_reason list[] = {
		{ ".1.6", MAIL_REASON_HASMOVED },     { ".2.2", MAIL_REASON_MAILBOXFULL },  { ".7.13", MAIL_REASON_SUSPEND },
		{ ".7.20", MAIL_REASON_AUTHFAILURE }, { ".7.21", MAIL_REASON_AUTHFAILURE }, { ".7.22", MAIL_REASON_AUTHFAILURE },
		{ ".7.23", MAIL_REASON_AUTHFAILURE }, { ".7.24", MAIL_REASON_AUTHFAILURE }, { ".7.25", MAIL_REASON_REQUIREPTR },
		{ ".7.26", MAIL_REASON_AUTHFAILURE }, { ".3.4", MAIL_REASON_MESGTOOBIG },
	};

	return find_status(list, ARRAY_LEN(list), status);
}

enum mail_reason reason_of_status(const char *status)
{
	/* The registry of RFC 5248 (3463, 4468, 6710, 7293, 7372, 7505, 8689 ..), and what Exchange Online adds. */
	static const struct status_reason list[] = {
		{ ".1.0", MAIL_REASON_USERUNKNOWN },      { ".1.1", MAIL_REASON_USERUNKNOWN },      { ".1.2", MAIL_REASON_HOSTUNKNOWN },
		{ ".1.3", MAIL_REASON_USERUNKNOWN },      { ".1.4", MAIL_REASON_FILTERED },         { ".1.6", MAIL_REASON_HASMOVED },
		{ ".1.7", MAIL_REASON_REJECTED },         { ".1.8", MAIL_REASON_REJECTED },         { ".1.9", MAIL_REASON_SYSTEMERROR },
		{ ".1.10", MAIL_REASON_USERUNKNOWN },     { ".1.351", MAIL_REASON_USERUNKNOWN },    { ".2.0", MAIL_REASON_FILTERED },
		{ ".2.1", MAIL_REASON_FILTERED },         { ".2.2", MAIL_REASON_MAILBOXFULL },      { ".2.3", MAIL_REASON_EXCEEDLIMIT },
		{ ".2.4", MAIL_REASON_FILTERED },         { ".3.0", MAIL_REASON_SYSTEMERROR },      { ".3.1", MAIL_REASON_SYSTEMFULL },
		{ ".3.2", MAIL_REASON_SYSTEMERROR },      { ".3.3", MAIL_REASON_SYSTEMERROR },      { ".3.4", MAIL_REASON_MESGTOOBIG },
		{ ".3.5", MAIL_REASON_SYSTEMERROR },      { ".3.6", MAIL_REASON_SYSTEMERROR },      { ".4.0", MAIL_REASON_NETWORKERROR },
		{ ".4.1", MAIL_REASON_EXPIRED },          { ".4.2", MAIL_REASON_NETWORKERROR },     { ".4.3", MAIL_REASON_SYSTEMERROR },
		{ ".4.4", MAIL_REASON_HOSTUNKNOWN },      { ".4.5", MAIL_REASON_SYSTEMERROR },      { ".4.6", MAIL_REASON_NETWORKERROR },
		{ ".4.7", MAIL_REASON_EXPIRED },          { ".4.310", MAIL_REASON_HOSTUNKNOWN },    { ".4.316", MAIL_REASON_EXPIRED },
		{ ".5.0", MAIL_REASON_SYNTAXERROR },      { ".5.1", MAIL_REASON_SYNTAXERROR },      { ".5.2", MAIL_REASON_SYNTAXERROR },
		{ ".5.3", MAIL_REASON_TOOMANYCONN },      { ".5.4", MAIL_REASON_SYNTAXERROR },      { ".5.5", MAIL_REASON_SYNTAXERROR },
		{ ".5.6", MAIL_REASON_SYNTAXERROR },      { ".6.0", MAIL_REASON_CONTENTERROR },     { ".6.1", MAIL_REASON_CONTENTERROR },
		{ ".6.2", MAIL_REASON_CONTENTERROR },     { ".6.3", MAIL_REASON_CONTENTERROR },     { ".6.4", MAIL_REASON_CONTENTERROR },
		{ ".6.5", MAIL_REASON_CONTENTERROR },     { ".6.6", MAIL_REASON_CONTENTERROR },     { ".6.7", MAIL_REASON_CONTENTERROR },
		{ ".6.8", MAIL_REASON_CONTENTERROR },     { ".6.9", MAIL_REASON_CONTENTERROR },     { ".6.10", MAIL_REASON_CONTENTERROR },
		{ ".7.0", MAIL_REASON_SECURITYERROR },    { ".7.1", MAIL_REASON_SECURITYERROR },    { ".7.2", MAIL_REASON_FILTERED },
		{ ".7.3", MAIL_REASON_SECURITYERROR },    { ".7.4", MAIL_REASON_SECURITYERROR },    { ".7.5", MAIL_REASON_SECURITYERROR },
		{ ".7.6", MAIL_REASON_SECURITYERROR },    { ".7.7", MAIL_REASON_SECURITYERROR },    { ".7.8", MAIL_REASON_SECURITYERROR },
		{ ".7.9", MAIL_REASON_SECURITYERROR },    { ".7.10", MAIL_REASON_SECURITYERROR },   { ".7.11", MAIL_REASON_SECURITYERROR },
		{ ".7.12", MAIL_REASON_SECURITYERROR },   { ".7.14", MAIL_REASON_SECURITYERROR },   { ".7.15", MAIL_REASON_POLICYVIOLATION },
		{ ".7.16", MAIL_REASON_EXCEEDLIMIT },     { ".7.17", MAIL_REASON_HASMOVED },        { ".7.18", MAIL_REASON_HASMOVED },
		{ ".7.19", MAIL_REASON_SYSTEMERROR },     { ".7.27", MAIL_REASON_REJECTED },        { ".7.28", MAIL_REASON_SPEEDING },
		{ ".7.29", MAIL_REASON_AUTHFAILURE },     { ".7.30", MAIL_REASON_SECURITYERROR },   { ".7.124", MAIL_REASON_REJECTED },
		{ ".7.133", MAIL_REASON_REJECTED },       { ".7.515", MAIL_REASON_SECURITYERROR },  { ".7.606", MAIL_REASON_BLOCKED },
	};
	enum mail_reason exact = reason_of_exact_status(status);

	return exact != MAIL_REASON_UNDEFINED ? exact : find_status(list, ARRAY_LEN(list), status);
}

/* The length of digits, at most max + 1. */
static size_t digits(const char *s, size_t len, size_t max)
{
	size_t n = 0;

	while (n < len && n <= max && isdigit((unsigned char)s[n]))
		n++;
	return n;
}

/* The length of a status code at s, or 0. */
static size_t status_length(const char *s, size_t len)
{
	size_t subject, detail;

	if (len < 5 || !strchr("245", s[0]) || s[1] != '.')
		return 0;
	subject = digits(s + 2, len - 2, 1);
	if (subject != 1 || 3 >= len || s[3] != '.')
		return 0;
	detail = digits(s + 4, len - 4, 3);
	if (detail == 0 || detail > 3)
		return 0;
	if (4 + detail + 1 < len && s[4 + detail] == '.' && isdigit((unsigned char)s[5 + detail]))
		return 0;
	return 4 + detail;
}

bool reason_find_status(const char *text, size_t len, char ret[16])
{
	bool found = false, telling = false;

	for (size_t i = 0; i < len;) {
		bool starts = i == 0 || !(isalnum((unsigned char)text[i - 1]) || text[i - 1] == '.');
		size_t n = starts ? status_length(text + i, len - i) : 0;

		if (n > 0) {
			bool says = text[i + 2] != '0' && text[i + 4] != '0';

			if (!found || says || !telling) {
				memcpy(ret, text + i, n);
				ret[n] = '\0';
			}
			found = true;
			telling = telling || says;
		}
		i += n ? n : 1;
	}
	return found;
}

int reason_reply_code(const char *text)
{
	text += strspn(text, " \t\"'<#");
	if ((text[0] != '4' && text[0] != '5') || digits(text, strlen(text) < 4 ? strlen(text) : 4, 3) != 3)
		return 0;
	return (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
}

enum mail_reason reason_of_reply(int code)
{
	switch (code) {
	case 552: /* exceeded storage allocation */
		return MAIL_REASON_MAILBOXFULL;
	case 452:
		return MAIL_REASON_SYSTEMFULL;
	case 500:
	case 501:
	case 502:
	case 503:
		return MAIL_REASON_SYNTAXERROR;
	case 530:
	case 535:
		return MAIL_REASON_SECURITYERROR;
	default:
		return MAIL_REASON_UNDEFINED;
	}
}

bool reason_is_hard(enum mail_reason reason, const char *status)
{
	bool host = reason == MAIL_REASON_HOSTUNKNOWN || reason == MAIL_REASON_NOTACCEPT;

	return mail_reason_is_hard(reason) && !(host && status[0] == '4');
}
