#include "model/public_domain.h"

#include "base/attr.h"

#include <stddef.h>
#include <string.h>

/* Providers with one domain, and those with one in many countries, by the name before the ending. */
static const char *const domains[] = {
	"126.com", "163.com", "aim.com", "aon.at", "arcor.de", "bigpond.com", "bk.ru", "bluewin.ch", "bol.com.br", "btinternet.com",
	"charter.net", "chello.at", "comcast.net", "cox.net", "duck.com", "earthlink.net", "fastmail.com", "fastmail.fm",
	"foxmail.com", "free.fr", "freenet.de", "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.net", "googlemail.com",
	"hanmail.net", "hey.com", "home.nl", "hushmail.com", "icloud.com", "inbox.lv", "inbox.ru", "interia.pl", "juno.com",
	"kpnmail.nl", "laposte.net", "libero.it", "list.ru", "live.com", "mac.com", "mail.com", "mail.de", "mail.ru", "mailbox.org",
	"me.com", "mailfence.com", "msn.com", "naver.com", "neuf.fr", "numericable.fr", "o2.pl", "onet.pl", "online.de", "op.pl",
	"optonline.net", "orange.fr", "outlook.com", "planet.nl", "pm.me", "posteo.de", "proton.me", "protonmail.ch",
	"protonmail.com", "qq.com", "rambler.ru", "rediffmail.com", "rocketmail.com", "sapo.pt", "sbcglobal.net", "seznam.cz",
	"sfr.fr", "shaw.ca", "sina.com", "skynet.be", "t-online.de", "telenet.be", "telia.com", "tim.it", "tiscali.it",
	"tuta.com", "tutanota.com", "ukr.net", "uol.com.br", "verizon.net", "virgilio.it", "vodafone.de", "wanadoo.fr", "web.de",
	"wp.pl", "xtra.co.nz", "yeah.net", "ymail.com", "ziggo.nl", "zoho.com",
};

static const char *const families[] = { "aol", "hotmail", "live", "outlook", "yahoo", "yandex" };

static bool is_family(const char *domain)
{
	size_t n = strcspn(domain, ".");

	/* hotmail.de, yahoo.co.uk; not live.example.com of somebody else */
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (strlen(families[i]) == n && strncmp(domain, families[i], n) == 0 && strlen(domain + n) <= sizeof ".com.au" - 1)
			return true;
	return false;
}

const char *company_domain(const char *folded)
{
	const char *at = strrchr(folded, '@');

	if (!at || is_family(at + 1))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(domains); i++)
		if (strcmp(domains[i], at + 1) == 0)
			return NULL;
	return at + 1;
}
