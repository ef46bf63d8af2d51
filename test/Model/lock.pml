/* The fair lock (lib/Runtime/store/FairLock.h), for spin. Keep the two alike.
 *
 * P threads take and release one lock, as often as they like, in either mode.
 * A compare-and-swap that is repeated until it succeeds is one step that looks
 * at the whole word; all else is a step per read and write. Memory is
 * sequentially consistent, as the slots' accesses are declared.
 *
 * Shown: writers exclude all, readers writers; no wake-up is lost (an invalid
 * end state); nobody in the queue is overtaken more than BOUND times. SEED_* make
 * the mistakes that must be found; see `check`.
 */

#ifndef P
#define P 3
#endif
#define OVERTAKES 1        /* kMaxOvertakes */
/* Overtaking the head counts for all behind it, and each becomes the head. One
 * more, since the head may be overtaken until it is seen to be waiting. */
#define BOUND ((OVERTAKES + 1) * (P - 1))

/* The word. */
bool writer, waiters, woken, barred, bias, draining;
byte readers;

byte overtaken;
bool guard;
byte queue[P], length;
bool exclusive[P], handed[P];
byte signal[P];
#define ASLEEP 0
#define COMPETE 1
#define GRANTED 2
bool slot[P];

/* Ghosts. */
byte writing, reading;
byte passed[P];
bool queued[P];

#define MAY_TAKE(x) (!writer && !(waiters && barred) && \
                     (readers == 0 || (!x && !waiters)))

/* Somebody from outside the queue has taken the lock. */
inline count_overtaking() {
  q = 0;
  do
  :: q < P -> if
              :: queued[q] -> passed[q]++; assert(passed[q] <= BOUND)
              :: else
              fi; q++
  :: else -> break
  od;
  q = 0
}
/* The word after the lock is taken; who takes it under a bias must drain. */
inline take(x) {
  if
  :: x -> writer = true;
#ifdef SEED_NO_DRAIN
          bias = false
#else
          draining = bias; bias = false
#endif
  :: else -> readers++
  fi
}

inline lock_guard() { atomic { !guard -> guard = true } }
inline unlock_guard() { guard = false }

/* pop the head and, if it reads, the readers right behind it; `n` readers */
inline pop_batch(n) {
  d_step {
    if
    :: exclusive[queue[0]] -> n = 1
    :: else -> n = 1;
       do
       :: n < length && !exclusive[queue[n]] -> n++
       :: else -> break
       od
    fi;
    q = 0;
    do
    :: q < n -> batch[q] = queue[q]; queued[queue[q]] = false; passed[queue[q]] = 0; q++
    :: else -> break
    od;
    do
    :: q < length -> queue[q - n] = queue[q]; q++
    :: else -> break
    od;
    length = length - n;
    q = length;
    do
    :: q < P -> queue[q] = 0; q++
    :: else -> break
    od;
    q = 0
  }
}

inline remove_head() {
  lock_guard();
  overtaken = 0;
  pop_batch(n);
  d_step {
    barred = false;
    waiters = length > 0;
    if
    :: !exclusive[me] -> readers = readers + n - 1
    :: else
    fi
  };
  unlock_guard();
  n = n - 1; batch[0] = 0;
  do
  :: n > 0 -> signal[batch[n]] = GRANTED; batch[n] = 0; n--
  :: else -> break
  od
}

inline hand_over(mode, b) {
  lock_guard();
  overtaken = 0;
  pop_batch(n);
  handed[batch[0]] = true;
  d_step {
    waiters = length > 0; woken = false; barred = false;
    if
    :: exclusive[batch[0]] -> writer = true; readers = 0; draining = b; bias = false
    :: else -> writer = false; readers = n; bias = b
    fi
  };
  unlock_guard();
  do
  :: n > 0 -> n--; signal[batch[n]] = GRANTED; batch[n] = 0
  :: else -> break
  od
}

/* The sole holder lets go; `mode` is whether it wrote. */
inline release(mode) {
  hand = false;
  if
  :: waiters -> overtaken++; hand = overtaken > OVERTAKES
  :: else
  fi;
#ifdef SEED_NO_BOUND
  hand = false;
#endif
  if
  :: atomic { waiters && (barred || hand) -> seenBias = bias }; hand_over(mode, seenBias)
  :: atomic { !(waiters && (barred || hand)) && !(waiters && !woken) ->
       if
       :: mode -> writer = false
       :: else -> readers--
       fi }
#ifdef SEED_NO_WAKE
  :: atomic { !(waiters && (barred || hand)) && waiters && !woken ->
       if
       :: mode -> writer = false
       :: else -> readers--
       fi }
#else
  :: atomic { !(waiters && (barred || hand)) && waiters && !woken -> skip };
     lock_guard();
     signal[queue[0]] = COMPETE;
     d_step {
       woken = true;
       if
       :: mode -> writer = false
       :: else -> readers--
       fi
     };
     unlock_guard()
#endif
  fi
}

inline drain() {
  n = 0;
  do
  :: n < P -> !slot[n]; n++ /* sleeps until a reader that leaves wakes it */
  :: else -> break
  od;
  n = 0;
  draining = false
}

proctype thread(byte me) {
  byte n, q;
  bool x, hand, seenBias, inSlot, got;
  byte batch[P];
  do
  :: break
  :: true ->
     if
     :: x = true
     :: x = false
     fi;
     exclusive[me] = x; got = false; inSlot = false;
     if
     :: !x && bias -> /* enterSlot */
        slot[me] = true;
#ifdef SEED_SLOT_NOT_CHECKED
        got = true; inSlot = true
#else
        if
        :: atomic { bias && !writer && !waiters -> got = true; inSlot = true }
        :: else -> slot[me] = false
        fi
#endif
     :: !(!x && bias)
     fi;
     if
     :: got
     :: else ->
        if
        :: atomic { MAY_TAKE(x) -> count_overtaking(); take(x);
             /* biasAfterRead, at any time */
             if
             :: !x && !waiters -> bias = true
             :: true
             fi;
             got = true }
        :: true
        fi
     fi;
     if
     :: got
     :: else -> /* the queue */
        signal[me] = ASLEEP; handed[me] = false;
        lock_guard();
        if
        :: atomic { MAY_TAKE(x) -> count_overtaking(); take(x); got = true }; unlock_guard()
        :: atomic { !MAY_TAKE(x) -> waiters = true };
           d_step { queue[length] = me; length++; passed[me] = 0; queued[me] = true };
           unlock_guard();
           do
           :: signal[me] == GRANTED -> break
           :: signal[me] == COMPETE ->
              /* compete: for a while ... */
              if
              :: atomic { woken && !writer && readers == 0 -> woken = false; take(x) };
                 remove_head(); break
              :: true
              fi;
              /* ... then bars overtaking */
              lock_guard();
              if
              :: handed[me] -> unlock_guard(); signal[me] == GRANTED; break
              :: else -> signal[me] = ASLEEP;
#ifdef SEED_BARRED_WHEN_FREE
                 woken = false; barred = true; unlock_guard()
#else
                 if
                 :: atomic { woken && !writer && readers == 0 -> woken = false; take(x) };
                    unlock_guard(); remove_head(); break
                 :: atomic { !(woken && !writer && readers == 0) -> woken = false; barred = true };
                    unlock_guard()
                 fi
#endif
              fi
           od
        fi
     fi;
     if
     :: x && draining -> drain()
     :: else
     fi;
     skip; /* no jump may end inside of a d_step */
     d_step { signal[me] = ASLEEP; handed[me] = false; exclusive[me] = false; got = false };
     /* The critical section. */
     if
     :: x -> d_step { assert(writing == 0 && reading == 0); writing++ };
             writing--
     :: else -> d_step { assert(writing == 0); reading++ };
             reading--
     fi;
     if
     :: inSlot -> slot[me] = false
     :: !inSlot && x ->
        if
        :: atomic { !waiters -> writer = false }
        :: waiters -> release(true)
        fi
     :: !inSlot && !x ->
        if
        :: atomic { !waiters || readers > 1 -> readers-- }
        :: waiters && readers == 1 -> release(false)
        fi
     fi;
     skip;
     d_step { x = false; hand = false; seenBias = false; inSlot = false; n = 0 }
  od
}

init {
  byte i;
  atomic {
    i = 0;
    do
    :: i < P -> run thread(i); i++
    :: else -> break
    od
  }
}
