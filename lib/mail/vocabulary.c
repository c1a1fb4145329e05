#include "mail/vocabulary.h"

#include "base/attr.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/*
 * Folded words (vocabulary_fold), apart by blanks; "*" at the end stands for any ending. English, German, French,
 * Spanish, Italian, Portuguese, Dutch, Polish, Scandinavian, Russian.
 */
static const struct {
	uint32_t senses;
	const char *words;
} groups[] = {
	{ SENSE_USER,
	  "user users username userid recipient* addressee* mailbox* mailaccount inbox account* alias aliases "
	  "nickname person people customer* subscriber* employee* nobody somebody login box boxes localpart "
	  "benutzer* empfanger* empfaenger* nutzer* postfach* mailfach konto konten teilnehmer* kunde* "
	  "adressat* mitarbeiter* utilisateur* destinataire* compte comptes boite* bal abonne* usuario* "
	  "destinatari* buzon* cuenta* casilla* utente* utenti casell* usuari* utilizador* caixa* conta contas "
	  "gebruiker* ontvanger* geadresseerde* postbus* postvak* uzytkownik* odbiorc* skrzynk* bruger* "
	  "modtager* mottakar* mottager* пользовател* получател* ящик* адресат* абонент* учетн* аккаунт*" },
	{ SENSE_ADDRESS,
	  "address addresses mailaddress emailaddress adresse adressen mailadresse indirizz* direccion* "
	  "endereco* adres* emailadres* mailadres* адрес адреса адресу" },
	{ SENSE_HOST,
	  "domain domains host hosts hostname* domainname domane* domaene* domaine* dominio* domein* domen* "
	  "hote hotes домен* хост*" },
	{ SENSE_SENDER,
	  "sender* originator* mailfrom absender* expediteur* emetteur* remitente* mittent* remetente* "
	  "afzender* nadawc* отправител*" },
	{ SENSE_CLIENT, "helo ehlo client clients ip connecting rdns ptr rbl dnsbl sending" },
	{ SENSE_MAIL,
	  "message* mail mails email emails content* attachment* nachricht* anhang courriel* messaggi* mensaj* "
	  "mensage* correo* bericht* wiadomosc* письм* сообщен*" },
	{ SENSE_NOT,
	  "no not non cannot never unable none nor without nicht kein keine keinen keinem keiner n ne pas aucun "
	  "aucune sans nao ningun ninguna niet geen nie ikke inte не нет без" },
	{ SENSE_EXISTS,
	  "exist exists existing existent found find locate located known know knows listed recognized "
	  "recognised recognize valid match matches registered defined hosted served deliverable routable "
	  "resolve resolved available existe trouve trouvee connu "
	  "connue valide reconnu disponible existen encontrad* encuentra encontro encontrar conocid* valid* "
	  "esiste esistono esistente trovat* trovare conosciut* riconosciut* gevonden bekend geldig beschikbaar "
	  "istnieje znaleziono znaleziony findes finns найден* существует существуют известен зарегистрирован*" },
	{ SENSE_EXISTS | SENSE_LATE,
	  "existiert existieren gibt gefunden vorhanden bekannt gultig verfugbar aufgefuhrt eingetragen registriert "
	  "hinterlegt bestaat bestaan eksisterer finnes" },
	{ SENSE_SUCH, "such have has with entry entries hat heeft ma takiego takiej tal tel" },
	{ SENSE_ABSENT,
	  "unknown nonexistent nonexistant nonexisting inexistent* invalid* unrecognized unrecognised "
	  "unrouteable unroutable misspelled mistyped unavailable nonexist* unbekannt* ungultig* unauffindbar "
	  "inconnu* inexistant* introuvable* invalide* desconocid* inexistente* sconosciut* inesistent* "
	  "desconhecid* onbekend* ongeldig* nieznan* nieistniej* ukendt okand* неизвестн* несуществующ* "
	  "недействительн* нет" },
	{ SENSE_GONE,
	  "gone left removed deleted closed terminated departed bad wrong incorrect illegal former obsolete "
	  "retired geloscht geschlossen falsch aufgelost supprime* ferme eliminad* cancellat* errat* chius* "
	  "cerrad* encerrad* verwijderd opgeheven usuniet* zamkniet* удален*" },
	{ SENSE_FULL,
	  "full overfull overquota overfilled voll vol plein pleine pieno piena llen* chei* lotad* przepelnion* "
	  "pelna pelny fuld переполнен* заполнен*" },
	{ SENSE_ROOM,
	  "quota* storage space room kontingent* speicher* speicherplatz allocation capacity cuota* espace "
	  "stockage spazio espacio espaco miejsca opslagruimte ruimte квот* место места" },
	{ SENSE_OVER,
	  "exceed* over overrun out reached insufficient enough exhausted lack low no not full used consumed "
	  "violat* uberschritten ueberschritten uberschreitet erschopft aufgebraucht ausreichend genug depass* "
	  "atteint insuffisant epuise* superad* superat* supera excedid* excede* esaurit* insufficient* "
	  "insuficiente* ultrapass* esgotad* overschreden bereikt przekroczon* brak превыш* недостаточно нет" },
	{ SENSE_SYSTEM,
	  "system systems server servers disk device filesystem partition drive systeem servidor serveur" },
	{ SENSE_SIZE,
	  "size sizes length grosse groesse taille tamano tamanho dimension* grootte rozmiar* размер*" },
	{ SENSE_BIG,
	  "large larger big bigger oversize* gross volumineux lourd grande groot duza duzy stor большо* больш* "
	  "velik*" },
	{ SENSE_DISABLED,
	  "disabled suspended inactive inactivity deactivated dormant locked frozen blocked discontinued unused "
	  "abandoned expired gesperrt deaktiviert stillgelegt inaktiv desactive* suspendu* bloque* inactif* "
	  "archive* resilie* suspendid* desactivad* bloquead* inactiv* inativ* desativad* disabilitat* sospes* "
	  "disattivat* bloccat* geblokkeerd gedeactiveerd opgeschort zablokowan* nieaktywn* заблокирован* "
	  "отключен* заморожен* неактив*" },
	{ SENSE_TAKES,
	  "accept* receive* receiving take takes want wants wish wishes allow* permitted welcome annehmen nimmt "
	  "akzeptiert accepte* acepta* aceita* accetta* accepteert принима*" },
	{ SENSE_REFUSED,
	  "rejected refused denied blocked rejects refuses refuse abgelehnt abgewiesen verweigert refusee "
	  "rechazad* rifiutat* recusad* geweigerd odrzucon* отклонен*" },
	{ SENSE_DELIVERY,
	  "deliver* zustell* zugestellt zustellung* nachrichtenzustellung remis remise remettre livre* "
	  "livraison distribu* achemin* entreg* recapit* consegn* bezorg* aflever* afgelever* dostarcz* dorecz* "
	  "levere* доставк* доставлен* доставить" },
	{ SENSE_FAILED,
	  "fail* error* problem* trouble fehler* fehlgeschlagen gescheitert echec echou* erreur* fallo* fallid* "
	  "errore errori fallit* mancat* falha* falhou erro erros fout* mislukt* blad bledu ошибк* неудач*" },
	{ SENSE_RETURNED,
	  "undeliver* nondeliver* unzustellbar* onbestelbaar* niedostarcz* niedoreczon* недоставлен* "
	  "nondelivery undelivrable* unbestellbar* olevererbar*" },
	{ SENSE_ENABLED,
	  "enabled active activated aktiv aktiviert actif activo activa activad* attiv* ativo ativa ativad* "
	  "actief aktywn* активн*" },
	{ SENSE_HERE, "here hier aqui aca tutaj her har здесь" },
	{ SENSE_YOUR,
	  "your ihre ihr ihrer votre vos su sus suo sua tuo tua seu uw twoj* wasz* ваш ваша вашего вашей" },
	{ SENSE_ONLY, "only nur seulement solo apenas alleen tylko только" },
};

enum { BUCKETS = 256 };

struct entry {
	const char *word;
	unsigned short len;
	bool open; /* any ending */
	uint32_t senses;
	struct entry *next;
};

struct vocabulary {
	struct entry *buckets[BUCKETS];
};

static size_t bucket_of(const char *word, size_t len)
{
	unsigned first = (unsigned char)word[0], second = len > 1 ? (unsigned char)word[1] : 0;

	return (first * 31 + second) % BUCKETS;
}

static void add_group(struct arena *a, struct vocabulary *v, uint32_t senses, const char *words)
{
	for (const char *w = words; *w;) {
		size_t len = strcspn(w, " ");
		struct entry *e = ARENA_NEW(a, struct entry);
		size_t at;

		*e = (struct entry){ .word = w, .open = w[len - 1] == '*', .senses = senses };
		e->len = (unsigned short)(e->open ? len - 1 : len);
		at = bucket_of(w, e->len);
		e->next = v->buckets[at];
		v->buckets[at] = e;
		w += len + (w[len] == ' ');
	}
}

const struct vocabulary *vocabulary_new(struct arena *a)
{
	struct vocabulary *v = ARENA_NEW(a, struct vocabulary);

	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		add_group(a, v, groups[i].senses, groups[i].words);
	return v;
}

uint32_t vocabulary_senses(const struct vocabulary *v, const char *word, size_t len)
{
	uint32_t senses = 0;

	if (len == 0)
		return 0;
	for (const struct entry *e = v->buckets[bucket_of(word, len)]; e; e = e->next)
		if ((e->open ? len >= e->len : len == e->len) && memcmp(word, e->word, e->len) == 0)
			senses |= e->senses;
	return senses;
}

/* Letters from U+00C0 to U+017F without their marks, "." for what is no letter or becomes two. */
static const char latin[] = "aaaaaaaceeeeiiiidnooooo.ouuuuyp.aaaaaaaceeeeiiiidnooooo.ouuuuypy"
                            "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
                            "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

static size_t put(char ret[4], unsigned c)
{
	ret[0] = (char)(0xc0 | c >> 6);
	ret[1] = (char)(0x80 | (c & 0x3f));
	return 2;
}

size_t vocabulary_fold(const char *s, size_t len, char ret[4], size_t *ret_read)
{
	unsigned char first = (unsigned char)s[0];
	unsigned c;

	*ret_read = 1;
	ret[0] = (char)tolower(first);
	if (first < 0xc3 || first > 0xd1 || len < 2)
		return 1;
	*ret_read = 2;
	c = (first & 0x1fu) << 6 | ((unsigned char)s[1] & 0x3fu);
	if (c == 0xdf) {
		ret[0] = ret[1] = 's';
		return 2;
	}
	if (c < 0x180) {
		ret[0] = latin[c - 0xc0];
		return 1;
	}
	if (c == 0x451 || c == 0x401) /* yo, which is mostly written as ye */
		c = 0x435;
	else if (c >= 0x410 && c <= 0x42f)
		c += 0x20;
	return put(ret, c);
}
