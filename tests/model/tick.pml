/*
 * One mail of one run on its way out: two ticks, each of which may be killed at any point, or lose
 * the server's answer; a lock that may be stolen once; a person who unsubscribes, and one who retries. An atomic block
 * is a transaction of the store, or a thing that happens in the world; the functions that it stands for are named.
 *
 * NO_FENCE, NO_LOCK, NO_UNIQUE_KEY, NO_TOKEN leave out one of the walls; then an assertion must fail.
 */
#ifndef TICKS
#define TICKS 2    /* of each process */
#endif
#define MAILS 2    /* rows of message; without the unique key there may be a second one for the step */
#define NOBODY 2

/* message.state; none: there is no such row. */
mtype = { none, queued, sending, offered, sent, in_doubt, dropped };
/* way: run.status (`run` is a word of Promela), as far as this step goes: done means that the next step is planned. */
mtype = { open, blocked, stopped, done };

mtype message[MAILS] = none;
byte token[MAILS];            /* message.token */
bool claim[MAILS];            /* a row of claim with that token; one set aside does not count */
byte owner[MAILS];            /* the tick that made the claim: not in the store, for the assertions */
mtype way = open;
bool queue = true;            /* the run's row in queue */
bool suppressed;              /* contact.suppressed */

byte lock = NOBODY;           /* who has the flock */
bool stolen;                  /* somebody deleted or copied the lock file */
byte at_work[2];              /* which tick the process is now; 0 none */
byte tokens;                  /* given so far; the product draws them at random */

byte accepted;                /* what the server has taken responsibility for */
bool offered_before;          /* when the person unsubscribed the last byte may have left already */
byte kills = 2, losses = 1, refusals = 1, retries = 1;

/* SIGKILL here, if any is left: the kernel frees the lock. */
inline maybe_killed() {
	if
	:: kills > 0 -> atomic { kills--; at_work[me] = 0; if :: lock == me -> lock = NOBODY :: else fi; goto again }
	:: true
	fi
}

/* parcel_return(): not offered; back to the queue when the run still waits for it, unless somebody was faster. */
inline give_back(m, t) {
	if
	:: claim[m] && token[m] == t ->
		claim[m] = false;
		if
		:: message[m] == sending ->
			message[m] = queued;
			if :: way == open -> queue = true :: else fi
		:: else
		fi
	:: else
	fi
}

/* parcel_recover() of one claim: whoever made it is dead, because we have the lock. */
inline recover_one(m) {
	if
	:: claim[m] ->
		assert(stolen || (at_work[1 - me] != owner[m]));   /* no tick at work is disturbed */
		if
		:: message[m] == offered ->           /* record_in_doubt(), claim_set_aside() */
			message[m] = in_doubt; claim[m] = false;
			if :: way == open -> way = blocked; queue = false :: else fi
		:: message[m] == sending -> give_back(m, token[m])
		:: else -> claim[m] = false
		fi
	:: else
	fi
}

/* message_of_step(): the step's message, or room for a new one. */
inline find_message(m) {
#ifdef NO_UNIQUE_KEY
	m = (message[0] == none || message[0] == queued -> 0 : 1)
#else
	m = 0
#endif
}

/* claim_rows(), parcel_claim(): queue_take(), meet_message(), store_message(), claim_insert(). m is MAILS when there is nothing. */
inline claim_mail(m, t) {
	if
	:: !queue || way != open -> m = MAILS
	:: else ->
		queue = false;
		find_message(m);
		if
		:: message[m] == sent -> way = done; m = MAILS
		:: message[m] == offered || message[m] == in_doubt -> way = blocked; m = MAILS
		:: message[m] == dropped -> m = MAILS
		:: else ->
			tokens++; t = tokens;
			message[m] = sending; token[m] = t; claim[m] = true; owner[m] = at_work[me]
		fi
	fi
}

/* message_fence(): one UPDATE that changes a row only when nothing has changed since the claim. */
#ifdef NO_TOKEN
#define OURS(m, t) true
#else
#define OURS(m, t) (token[m] == t)
#endif
#ifdef NO_FENCE
#define MAY_GO(m, t) true
#else
#define MAY_GO(m, t) (message[m] == sending && way == open && !suppressed && OURS(m, t))
#endif
inline fence(m, t, passed) {
	if
	:: MAY_GO(m, t) -> message[m] = offered; passed = true
	:: else -> passed = false
	fi
}

/* The last byte leaves (outlet_release_fenced()), and the server takes the mail. */
inline server_accepts() {
	accepted++;
	assert(accepted <= 1);                        /* nothing is sent twice */
	assert(!suppressed || offered_before)         /* a stop that was committed before the last byte wins */
}

/* parcel_record() of a 250: message_move(), record_event(), run_step_done(), claim_remove() in one transaction. */
inline record_sent(m, t) {
	if
	:: message[m] == offered && token[m] == t ->
		message[m] = sent;
		if :: way == open -> way = done :: else fi
	:: else
	fi;
	if :: claim[m] && token[m] == t -> claim[m] = false :: else fi
}

/* parcel_record() of a 4xx: record_retry(). */
inline record_retry(m, t) {
	if
	:: message[m] == offered && token[m] == t ->
		message[m] = queued;
		if :: way == open -> queue = true :: else fi
	:: else
	fi;
	if :: claim[m] && token[m] == t -> claim[m] = false :: else fi
}

/* parcel_record() when no answer came: record_in_doubt(), policy `hold`. */
inline record_in_doubt(m, t) {
	if
	:: message[m] == offered && token[m] == t ->
		message[m] = in_doubt;
		if :: way == open -> way = blocked :: else fi
	:: else
	fi;
	if :: claim[m] && token[m] == t -> claim[m] = false :: else fi
}

/* The server's part: it takes the mail and says so, or not; or it does not take it. */
inline transfer(m, t) {
	if
	:: atomic { server_accepts() };
	   maybe_killed();
	   if
	   :: atomic { record_sent(m, t) }
	   :: losses > 0 -> atomic { losses--; record_in_doubt(m, t) }
	   fi
	:: refusals > 0 -> atomic { refusals-- };
	   maybe_killed();
	   atomic { record_retry(m, t) }
	:: losses > 0 -> atomic { losses-- };
	   maybe_killed();
	   atomic { record_in_doubt(m, t) }
	fi
}

/* pipe-tick and pipe-worker, one after the other as cron starts them. */
proctype tick(byte me)
{
	byte m, t, begun;
	bool passed;

again:
	do
	:: begun == TICKS -> break
	:: else ->
		begun++;
		/* guard_lock(); whoever deletes the lock file steals it */
		atomic {
			if
#ifdef NO_LOCK
			:: true -> at_work[me] = me * TICKS + begun
#else
			:: lock == NOBODY -> lock = me; at_work[me] = me * TICKS + begun
			:: lock != NOBODY && !stolen -> stolen = true; lock = me; at_work[me] = me * TICKS + begun
			:: lock != NOBODY -> goto again
#endif
			fi
		}
		maybe_killed();
		atomic { recover_one(0); recover_one(1) }
		maybe_killed();
		atomic { claim_mail(m, t) }
		if
		:: m == MAILS
		:: else ->
			maybe_killed();
			if
			:: atomic { fence(m, t, passed) };
			   if
			   :: passed -> maybe_killed(); transfer(m, t)
			   :: else -> atomic { give_back(m, t) }
			   fi
			:: losses > 0 -> atomic { losses--; give_back(m, t) }   /* no connection */
			fi
		fi;
		maybe_killed();
		atomic { at_work[me] = 0; if :: lock == me -> lock = NOBODY :: else fi };
		m = 0; t = 0; passed = false
	od
}

/* contactctl unsubscribe: event_record(), run_end(), message_drop_of_run(). */
proctype unsubscriber()
{
	atomic {
		suppressed = true;
		/* In doubt: offered, and then taken for dead by whoever stole the lock. */
		offered_before = message[0] == offered || message[0] == in_doubt || message[1] == offered || message[1] == in_doubt;
		if
		:: way == open || way == blocked ->
			way = stopped; queue = false;
			if :: message[0] == queued || message[0] == sending -> message[0] = dropped :: else fi;
			if :: message[1] == queued || message[1] == sending -> message[1] = dropped :: else fi
		:: else
		fi
	}
}

/* pipectl retry: run_retry(). */
proctype retrier()
{
	do
	:: atomic { way == blocked && retries > 0 -> retries--; way = open; queue = true }
	:: break
	od
}

/* What must be so when no tick is at work: the next one could do what is left. */
inline judge_mail(m) {
	assert(message[m] != sent || accepted == 1);
	/* What was accepted is never in a state from which it would be offered again. */
	assert(accepted == 0 || message[m] == none || message[m] == sent || message[m] == in_doubt);
	assert(message[m] != offered && message[m] != sending)
}

init
{
	byte me = 0;

	atomic { run tick(0); run tick(1); if :: run unsubscriber() :: true fi; run retrier() };
	_nr_pr == 1;
	atomic {
		recover_one(0); recover_one(1);
		judge_mail(0); judge_mail(1);
		assert(way != open || queue);                             /* nothing is lost */
		assert(way != blocked || message[0] == in_doubt || message[1] == in_doubt)   /* what is in doubt is listed */
	}
}
