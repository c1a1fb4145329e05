#ifndef PW_MAIL_OUTCOME_H
#define PW_MAIL_OUTCOME_H

#include "mail/classify.h"

/* Adds an outcome for a recipient, who may be ""; the other members are empty. One that is there already is returned. */
struct mail_outcome *outcome_add(const struct mail *m, struct mail_reading *r, const char *recipient);

/*
 * Reads the reports in the mail: message/delivery-status, also where it stands as plain text. Returns whether there was
 * one that names a recipient.
 */
bool report_read_status(const struct mail *m, struct mail_reading *r);

/*
 * Reads a disposition notification (RFC 8098) with which a mail server, not a person, says that it has thrown the mail
 * away: RFC 5429, and servers whose mailbox is full. Returns whether it is one.
 */
bool report_read_rejection(const struct mail *m, struct mail_reading *r);

/* Reads fields of RFC 3464 that stand somewhere in a text. The same. */
bool report_read_embedded(const struct mail *m, const char *notice, struct mail_reading *r);

/* Reads message/feedback-report, and the forms of providers who send no such part. Returns whether it is a complaint. */
bool report_read_feedback(const struct mail *m, struct mail_reading *r);

/* Reads what Amazon SES reports as JSON; sets the kind. Returns whether it is such a report. */
bool report_read_ses(const struct mail *m, struct mail_reading *r);

/*
 * Whether the mail looks like one from a mail system that tells about a mail that was not delivered, without fields of
 * RFC 3464; reads the recipients out of its text.
 */
bool notice_read(const struct mail *m, struct mail_reading *r);

/* The text of a notice up to where the mail that came back begins; its headers are read into *ret_original. */
const char *notice_text(const struct mail *m, struct mail_headers *ret_original);

/* Decides reason, status and hardness of every outcome from what the report and the notice's text say. */
void outcome_judge(const struct mail *m, const char *notice, struct mail_reading *r);

#endif
