/* The store's protocol (docs/runtime.md, "The protocol"), for spin.
 *
 * Every process runs one operation on V variables; which one, and the policy
 * of every variable, is chosen at the start. Steps are single reads and writes
 * of memory, of locks and of pointers; memory is sequentially consistent.
 *
 * Each operation has a linearization point, marked LP. There the ghosts are
 * compared or changed: `now[v]` is the value of v in the order of those points.
 * An operation that returns what the ghosts said at its point, between its
 * start and its end, is linearizable. Besides, a pinned buffer must not change,
 * no buffer is used after it was freed, and nobody waits for ever (an invalid
 * end state).
 *
 * The lock is abstract here: who wants to write bars later readers, which is
 * the worst that a fair lock does. lock.pml has the lock itself.
 *
 * SEED_* make the mistakes that must be found; see `check`.
 */

#ifndef V
#define V 2
#endif
#ifndef P
#define P 2
#endif
#define B (V + P * 2)      /* buffers: current ones, and two per operation */
#define NONE 255
#define DEAD 99            /* in the cells of a freed buffer */

/* The kinds of operations; FIRST and LAST bound the choice of process 0. */
#define UPDATE    0        /* one that reads `reads` and updates `writes` */
#define FAIL      1        /* the same, failing its check */
#define READ      2        /* a call without updates */
#define PIN       3        /* a pinned borrow, looked at after its release */
#define SET       4
#define COMMIT    5        /* a write borrow that commits */
#define ROLLBACK  6
#define SWAP      7        /* exchanges the buffers of two variables */

/* READS0 and WRITES0, if defined, are the sets of an update of process 0. */
#ifndef FIRST
#define FIRST UPDATE
#define LAST SWAP
#endif

/* The state of the store. */
bool writer[V];            /* L: */
byte readers[V];
byte waiting[V];           /* writers that wait */
bool head[V];              /* H */
bool flag[V];              /* a write borrow is held */
bool doubled[V];           /* the policy */
byte cur[V];
byte refs[B];
byte cell[B * 2];          /* two per buffer, so that half-written ones show */

byte now[V];               /* ghost */

bool started = false;
byte kindOf[P];
byte readsOf[P];           /* sets of variables, a bit each */
byte writesOf[P];

#define IN(set, v) (((set) >> (v)) & 1)

inline try_exclusive(v, got) {
  if
  :: atomic { !writer[v] && readers[v] == 0 && waiting[v] == 0 ->
              writer[v] = true; got = true }
  :: else -> got = false
  fi
}
inline lock_exclusive(v) {
  waiting[v]++;
  atomic { !writer[v] && readers[v] == 0 -> writer[v] = true; waiting[v]-- }
}
inline try_shared(v, got) {
  if
  :: atomic { !writer[v] && waiting[v] == 0 -> readers[v]++; got = true }
  :: else -> got = false
  fi
}
inline lock_shared(v) {
  atomic { !writer[v] && waiting[v] == 0 -> readers[v]++ }
}
inline unlock_exclusive(v) { writer[v] = false }
inline unlock_shared(v) { readers[v]-- }

/* Heads of the double-buffered ones in `set`, by ascending id. */
inline lock_heads(set, i) {
  i = 0;
  do
  :: i < V -> if
              :: IN(set, i) && doubled[i] -> atomic { !head[i] -> head[i] = true }
              :: else
              fi; i++
  :: else -> break
  od
}
inline unlock_heads(set, i) {
  i = 0;
  do
  :: i < V -> if
              :: IN(set, i) && doubled[i] -> head[i] = false
              :: else
              fi; i++
  :: else -> break
  od
}

inline allocate(b) {
  d_step {
    b = 0;
    do
    :: refs[b] != 0 -> b++
    :: else -> break
    od;
    refs[b] = 1
  }
}
inline drop(b) {
  d_step {
    assert(refs[b] > 0);
    refs[b]--;
    if
    :: refs[b] == 0 -> cell[b * 2] = DEAD; cell[b * 2 + 1] = DEAD
    :: else
    fi
  }
}

/* What a reader finds in a buffer that shows `expected`. */
inline look(b, expected) {
  assert(cell[b * 2] == expected);
  assert(cell[b * 2 + 1] == expected)
}

inline refuse_if_borrowed(set, i, refused) {
  i = 0; refused = false;
  do
  :: i < V && !refused -> if
              :: IN(set, i) && flag[i] -> refused = true
              :: else
              fi; i++
  :: else -> break
  od
}

/* L of reads and writes by ascending id, each once, in its strongest mode; the
 * flags are looked at before the first wait. */
inline lock_call(reads, writes, i, got, waited, refused) {
  i = 0; waited = false; refused = false;
  do
  :: i < V ->
#ifdef SEED_UNSORTED
     v = (_pid % 2 -> i : V - 1 - i);
#else
     v = i;
#endif
     if
     :: IN(writes, v) ->
#ifdef SEED_NO_LOCK
        skip
#else
        try_exclusive(v, got);
        if
        :: got
        :: else -> if
           :: !waited -> refuse_if_borrowed(writes, k, refused); waited = true
           :: else
           fi;
           if
           :: refused -> break
           :: else -> lock_exclusive(v)
           fi
        fi
#endif
     :: !IN(writes, v) && IN(reads, v) ->
#ifdef SEED_READ_BY_PIN
        if
        :: doubled[v]
        :: else -> lock_shared(v)
        fi
#else
        try_shared(v, got);
        if
        :: got
        :: else -> if
           :: !waited -> refuse_if_borrowed(writes, k, refused); waited = true
           :: else
           fi;
           if
           :: refused -> break
           :: else -> lock_shared(v)
           fi
        fi
#endif
     :: else
     fi; i++
  :: else -> break
  od;
  if
  :: refused -> /* the locks before number i */
     do
     :: i > 0 -> i--;
#ifdef SEED_UNSORTED
        v = (_pid % 2 -> i : V - 1 - i);
#else
        v = i;
#endif
        unlock_one(reads, writes, v)
     :: else -> break
     od
  :: else
  fi
}
inline unlock_one(reads, writes, v) {
  if
  :: IN(writes, v) ->
#ifndef SEED_NO_LOCK
     unlock_exclusive(v)
#else
     skip
#endif
  :: !IN(writes, v) && IN(reads, v) ->
#if defined(SEED_READ_BY_PIN)
     if
     :: doubled[v]
     :: else -> unlock_shared(v)
     fi
#elif defined(SEED_SHARED_EARLY)
     skip
#else
     unlock_shared(v)
#endif
  :: else
  fi
}
inline unlock_call(reads, writes, i) {
  i = 0;
  do
  :: i < V -> unlock_one(reads, writes, i); i++
  :: else -> break
  od
}

proctype operation(byte me) {
  byte kind, reads, writes, i, k, v, value, target;
  bool got, waited, refused, inPlace;
  byte source[V], made[V], seen[V];
  started;
  kind = kindOf[me]; reads = readsOf[me]; writes = writesOf[me];
  if
  :: kind == UPDATE || kind == FAIL || kind == SWAP ->
#ifdef SEED_PINS_BEFORE_LOCK
     inPlace = kind != SWAP && (writes & reads) == writes;
     i = 0;
     do
     :: i < V -> if
        :: IN(writes, i) -> inPlace = inPlace && !doubled[i] && refs[cur[i]] == 1
        :: else
        fi; i++
     :: else -> break
     od;
#endif
     lock_call(reads, writes, i, got, waited, refused);
     if
     :: refused -> goto done /* BORROWED; LP: where the flag was read */
     :: else
     fi;
#ifndef SEED_FLAG_ONCE
     refuse_if_borrowed(writes, i, refused);
     if
     :: refused -> unlock_call(reads, writes, i); goto done
     :: else
     fi;
#endif
     /* Sources. */
     i = 0;
     do
     :: i < V -> if
        :: IN(reads, i) -> source[i] = cur[i];
#ifdef SEED_READ_BY_PIN
           refs[source[i]]++;
#endif
        :: else
        fi; i++
     :: else -> break
     od;
#ifdef SEED_SHARED_EARLY
     i = 0;
     do
     :: i < V -> if
        :: IN(reads, i) && !IN(writes, i) -> unlock_shared(i)
        :: else
        fi; i++
     :: else -> break
     od;
#endif
     if
     :: kind == SWAP -> goto commit_swap
     :: else
     fi;
     /* In place or not: all updates alike. */
#ifndef SEED_PINS_BEFORE_LOCK
     inPlace = (writes & reads) == writes;
     i = 0;
     do
     :: i < V -> if
#ifdef SEED_PINS_IGNORED
        :: IN(writes, i) -> inPlace = inPlace && !doubled[i]
#else
        :: IN(writes, i) -> inPlace = inPlace && !doubled[i] && refs[cur[i]] == 1
#endif
        :: else
        fi; i++
     :: else -> break
     od;
#endif
     /* Run: read everything, compute, make what goes elsewhere. */
     value = me + 1; i = 0;
     do
     :: i < V -> if
        :: IN(reads, i) ->
           seen[i] = cell[source[i] * 2];
           assert(cell[source[i] * 2 + 1] == seen[i]);
           value = (value + seen[i]) & 7
        :: else
        fi; i++
     :: else -> break
     od;
     if
     :: !inPlace -> i = 0;
        do
        :: i < V -> if
           :: IN(writes, i) -> allocate(made[i]);
              cell[made[i] * 2] = value; cell[made[i] * 2 + 1] = value
           :: else
           fi; i++
        :: else -> break
        od
     :: else
     fi;
#ifdef SEED_COMMIT_BEFORE_CHECK
     if
     :: kind == FAIL && !inPlace -> i = 0;
        do
        :: i < V -> if
           :: IN(writes, i) -> k = cur[i]; cur[i] = made[i]; made[i] = k
           :: else
           fi; i++
        :: else -> break
        od
     :: else
     fi;
#endif
     if
     :: kind == FAIL -> /* T4. LP: anywhere here, under L */
        d_step {
          i = 0;
          do
          :: i < V -> if
             :: IN(reads, i) -> assert(seen[i] == now[i])
             :: else
             fi; i++
          :: else -> break
          od;
          i = 0
        };
        i = 0;
        do
        :: i < V -> if
           :: IN(writes, i) && !inPlace -> drop(made[i])
           :: else
           fi; i++
        :: else -> break
        od
     :: else ->
        if
        :: inPlace -> i = 0;
           do
           :: i < V -> if
              :: IN(writes, i) -> cell[source[i] * 2] = value;
                                  cell[source[i] * 2 + 1] = value
              :: else
              fi; i++
           :: else -> break
           od
        :: else
        fi;
        /* Commit. */
#ifndef SEED_COMMIT_ONE_BY_ONE
        lock_heads(writes, i);
#endif
        if
        :: !inPlace -> i = 0;
           do
           :: i < V -> if
              :: IN(writes, i) ->
#ifdef SEED_COMMIT_ONE_BY_ONE
                 lock_heads(1 << i, k);
#endif
                 target = cur[i]; cur[i] = made[i]; made[i] = target;
#ifdef SEED_COMMIT_ONE_BY_ONE
                 unlock_heads(1 << i, k);
#endif
              :: else
              fi; i++
           :: else -> break
           od
        :: else
        fi;
        skip; /* no jump may end inside of a d_step */
        d_step { /* LP */
          i = 0;
          do
          :: i < V -> if
             :: IN(reads, i) -> assert(seen[i] == now[i])
             :: else
             fi; i++
          :: else -> break
          od;
          i = 0;
          do
          :: i < V -> if
             :: IN(writes, i) -> now[i] = value
             :: else
             fi; i++
          :: else -> break
          od;
          i = 0
        }
#ifndef SEED_COMMIT_ONE_BY_ONE
        unlock_heads(writes, i);
#endif
        skip
     fi;
     goto finish;
commit_swap:
     lock_heads(writes, i);
     target = cur[0]; cur[0] = cur[1]; cur[1] = target;
     d_step { target = now[0]; now[0] = now[1]; now[1] = target } /* LP */
     unlock_heads(writes, i);
     inPlace = true; /* nothing to drop */
finish:
     unlock_call(reads, writes, i);
     i = 0;
     do
     :: i < V -> if
        :: IN(writes, i) && !inPlace && kind == UPDATE -> drop(made[i])
        :: else
        fi;
#ifdef SEED_READ_BY_PIN
        if
        :: IN(reads, i) -> drop(source[i])
        :: else
        fi;
#endif
        i++
     :: else -> break
     od
  :: kind == READ || kind == PIN ->
     /* L of what is in place, then the heads and pins of the others; a borrow
      * pins all that it reads. */
     i = 0;
     do
     :: i < V -> if
#ifdef SEED_PIN_WITHOUT_LOCK
        :: IN(reads, i) && !doubled[i] && kind == READ -> lock_shared(i)
#else
        :: IN(reads, i) && !doubled[i] -> lock_shared(i)
#endif
        :: else
        fi; i++
     :: else -> break
     od;
#ifndef SEED_PINS_ONE_BY_ONE
     lock_heads(reads, i);
#endif
     i = 0;
     do
     :: i < V -> if
        :: IN(reads, i) ->
#ifdef SEED_PINS_ONE_BY_ONE
           lock_heads(1 << i, k);
#endif
           source[i] = cur[i];
           if
           :: doubled[i] || kind == PIN -> refs[source[i]]++
           :: else
           fi;
#ifdef SEED_PINS_ONE_BY_ONE
           unlock_heads(1 << i, k);
#endif
        :: else
        fi; i++
     :: else -> break
     od;
     skip;
     d_step { /* LP */
       i = 0;
       do
       :: i < V -> seen[i] = now[i]; i++
       :: else -> break
       od;
       i = 0
     }
#ifndef SEED_PINS_ONE_BY_ONE
     unlock_heads(reads, i);
#endif
     if
     :: kind == PIN -> i = 0;
        do
        :: i < V -> if
#ifdef SEED_PIN_WITHOUT_LOCK
           :: false
#else
           :: IN(reads, i) && !doubled[i] -> unlock_shared(i)
#endif
           :: else
           fi; i++
        :: else -> break
        od
     :: else
     fi;
     i = 0;
     do
     :: i < V -> if
        :: IN(reads, i) -> look(source[i], seen[i])
        :: else
        fi; i++
     :: else -> break
     od;
     i = 0;
     do
     :: i < V -> if
        :: IN(reads, i) ->
           if
           :: kind == READ && !doubled[i] -> unlock_shared(i)
           :: else -> drop(source[i])
           fi
        :: else
        fi; i++
     :: else -> break
     od
  :: kind == SET ->
     v = writes - 1; /* one variable: bit 0 or bit 1 */
     allocate(k);
     cell[k * 2] = me + 4; cell[k * 2 + 1] = me + 4;
     if
     :: flag[v] -> drop(k); goto done
     :: else
     fi;
#ifndef SEED_SET_WITHOUT_LOCK
     lock_exclusive(v);
#endif
     if
     :: flag[v] ->
#ifndef SEED_SET_WITHOUT_LOCK
        unlock_exclusive(v);
#endif
        drop(k); goto done
     :: else
     fi;
     lock_heads(writes, i);
     target = cur[v]; cur[v] = k;
     now[v] = me + 4; /* LP */
     unlock_heads(writes, i);
#ifndef SEED_SET_WITHOUT_LOCK
     unlock_exclusive(v);
#endif
     drop(target)
  :: kind == COMMIT || kind == ROLLBACK ->
     v = writes - 1;
     if
     :: flag[v] -> goto done
     :: else
     fi;
#ifndef SEED_FLAG_WITHOUT_LOCK
     lock_shared(v);
#endif
     source[0] = cur[v];
     d_step { refused = flag[v]; flag[v] = true; seen[0] = now[v] } /* LP */
     if
     :: !refused -> refs[source[0]]++
     :: else
     fi;
#ifndef SEED_FLAG_WITHOUT_LOCK
     unlock_shared(v);
#endif
     if
     :: refused -> goto done
     :: else
     fi;
     allocate(k);
     look(source[0], seen[0]);
     cell[k * 2] = me + 6; cell[k * 2 + 1] = me + 6;
     drop(source[0]);
     if
     :: kind == ROLLBACK ->
        assert(now[v] == seen[0]); /* B3: frozen */
        flag[v] = false;
        drop(k)
     :: else ->
        lock_exclusive(v);
        lock_heads(writes, i);
        target = cur[v]; cur[v] = k;
        assert(now[v] == seen[0]);
        d_step { now[v] = me + 6; flag[v] = false }; /* LP */
        unlock_heads(writes, i);
        unlock_exclusive(v);
        drop(target)
     fi
  :: else
  fi;
done:
  skip
}

init {
  byte p, v, last;
  atomic {
    v = 0;
    do
    :: v < V ->
#ifdef POLICIES
       doubled[v] = IN(POLICIES, v);
#else
       if
       :: doubled[v] = false
       :: doubled[v] = true
       fi;
#endif
       cur[v] = v; refs[v] = 1; v++
    :: else -> break
    od;
    /* Processes differ by number only: kinds ascend. */
    p = 0; last = FIRST;
    do
    :: p < P ->
       if
       :: p > 0 || FIRST <= UPDATE && LAST >= UPDATE -> kindOf[p] = UPDATE
       :: p > 0 || FIRST <= FAIL && LAST >= FAIL -> kindOf[p] = FAIL
       :: p > 0 || FIRST <= READ && LAST >= READ -> kindOf[p] = READ
       :: p > 0 || FIRST <= PIN && LAST >= PIN -> kindOf[p] = PIN
       :: p > 0 || FIRST <= SET && LAST >= SET -> kindOf[p] = SET
       :: p > 0 || FIRST <= COMMIT && LAST >= COMMIT -> kindOf[p] = COMMIT
       :: p > 0 || FIRST <= ROLLBACK && LAST >= ROLLBACK -> kindOf[p] = ROLLBACK
       :: p > 0 || FIRST <= SWAP && LAST >= SWAP -> kindOf[p] = SWAP
       fi;
       if
       :: kindOf[p] < last -> goto pruned
       :: else -> last = kindOf[p]
       fi;
       if
       :: kindOf[p] == SWAP -> readsOf[p] = 3; writesOf[p] = 3
       :: kindOf[p] == SET || kindOf[p] == COMMIT || kindOf[p] == ROLLBACK ->
          readsOf[p] = 0;
          if
          :: writesOf[p] = 1
          :: writesOf[p] = 2
          fi
       :: kindOf[p] == READ || kindOf[p] == PIN ->
          writesOf[p] = 0;
          if
          :: readsOf[p] = 1
          :: readsOf[p] = 2
          :: readsOf[p] = 3
          fi
#ifdef READS0
       :: kindOf[p] <= FAIL && p == 0 -> readsOf[0] = READS0; writesOf[0] = WRITES0
       :: kindOf[p] <= FAIL && p > 0 ->
#else
       :: else ->
#endif
          if
          :: readsOf[p] = 0
          :: readsOf[p] = 1
          :: readsOf[p] = 2
          :: readsOf[p] = 3
          fi;
          if
          :: writesOf[p] = 1
          :: writesOf[p] = 2
          :: writesOf[p] = 3
          fi
       fi;
       p++
    :: else -> break
    od;
    p = 0;
    do
    :: p < P -> run operation(p); p++
    :: else -> break
    od;
    started = true;
  }
pruned:
  skip
}
